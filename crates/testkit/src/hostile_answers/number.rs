//! Numbers too large, too small or too long to write out or to work out.

use super::HostileAnswer as Hostile;

pub fn all() -> Vec<Hostile> {
    [powers(), digits(), sums(), functions()].concat()
}

fn powers() -> Vec<Hostile> {
    vec![
        Hostile::other("tower of powers, one floor changed", "9^{9^{9^{9}}}", "9^{9^{9^{8}}}"),
        Hostile::itself("tower of powers, itself", "9^{9^{9^{9}}}").decided(),
        Hostile::other("tower of powers, and a small number", "9^{9^{9^{9}}}", "9"),
        Hostile::other("power of 10^9, plus one", "2^{10^9}", "2^{10^9}+1"),
        Hostile::other("power of 10^9, and 10^9 + 1", "2^{10^9}", "2^{10^9+1}"),
        Hostile::same("power of a power", "(2^{1000})^{1000}", "2^{1000000}"),
        Hostile::other("tiny powers", "2^{-100000}", "2^{-100001}"),
        Hostile::other("tiny power, and zero", "10^{-10^{10}}", "0"),
        Hostile::other("power of a fraction", "(1/3)^{10^{8}}", "(1/3)^{10^{8}-1}"),
        Hostile::other("power of a binomial", "(x+1)^{1000}", "(x+1)^{1001}"),
        Hostile::same("power of a binomial, turned round", "(x+1)^{1000}", "(1+x)^{1000}"),
        Hostile::other("power of a sum of many", "(a+b+c+d+e)^{500}", "(a+b+c+d+f)^{500}"),
        Hostile::other("root of huge degree", "\\sqrt[999999999]{2}", "1"),
        Hostile::other("tower of e", "e^{e^{e^{e^{e}}}}", "e^{e^{e^{e^{e}}}}+1"),
        Hostile::other("modulus of a huge power", "7^{10^{12}} \\bmod 13", "5"),
        Hostile::other("huge exponent of a letter", "x^{10^{18}}", "x^{10^{18}+1}"),
        Hostile::other("negative zero power", "0^{-1}", "0"),
    ]
}

fn digits() -> Vec<Hostile> {
    let long = |last: char| format!("{}{last}", "7".repeat(99_999));
    let fraction = |last: char| format!("0.{}{last}", "3".repeat(99_999));
    let five_thousand = |last: char| format!("{}{last}", "123456789".repeat(555));
    vec![
        Hostile::itself("integer of 5,000 digits, itself", five_thousand('1')),
        Hostile::other("integer of 5,000 digits, the last changed", five_thousand('1'), five_thousand('2')),
        Hostile::itself("integer of 100,000 digits, itself", long('1')),
        Hostile::other("integer of 100,000 digits, the last changed", long('1'), long('2')),
        Hostile::other("decimal of 100,000 digits, and its neighbour", fraction('1'), format!("1{}", fraction('1'))),
        Hostile::other("grouped number without end", "1", "1 000".to_owned() + &" 000".repeat(20_000)),
        Hostile::other("ones without end", "1", "1 ".repeat(50_000)),
        Hostile::other("scientific notation beyond all numbers", "1e999999999999", "1e999999999998"),
        Hostile::other("scientific notation below all numbers", "1e-999999999999", "0"),
        Hostile::other("20,001 minus signs", "1", format!("{}1", "-".repeat(20_001))),
        Hostile::other("percent of percent", "1", format!("1{}", "\\%".repeat(2_000))),
    ]
}

fn sums() -> Vec<Hostile> {
    vec![
        Hostile::other("binomial of millions", "\\binom{10^7}{5\\cdot 10^6}", "\\binom{10^7}{5\\cdot 10^6+1}"),
        Hostile::same("symmetric binomial", "\\binom{100000}{3}", "\\binom{100000}{99997}"),
        Hostile::other("sum of 10^9 terms", "\\sum_{k=1}^{10^9} k^2 \\sin k", "0"),
        Hostile::other("product of 10^6 terms", "\\prod_{k=1}^{1000000} (1+\\frac{1}{k^2})", "4"),
        Hostile::other("nested sums", "\\sum_{i=1}^{9999}\\sum_{j=1}^{9999}\\sum_{k=1}^{9999} ijk", "1"),
        Hostile::other("sum of sums of one thing", "\\sum_{a=1}^{9999}\\sum_{b=1}^{9999} a", "1"),
        Hostile::other("sum of sums of two things", "\\sum_{a=1}^{9999}\\sum_{b=1}^{9999} (a+b)", "1"),
        Hostile::other("three sums of one thing", "\\sum_{a=1}^{9999}\\sum_{b=1}^{9999}\\sum_{c=1}^{9999} a", "1"),
        Hostile::other("products of products", "\\prod_{a=1}^{9999}\\prod_{b=1}^{9999} a", "1"),
        Hostile::same("sums that are short", "\\sum_{a=1}^{100}\\sum_{b=1}^{100} a", "505000").decided(),
        Hostile::same("a product of twos", "\\sum_{a=1}^{3}\\prod_{b=1}^{10} 2", "3072").decided(),
        Hostile::other("factorial of a million", "1000000!", "1000000!+1"),
        Hostile::other("factorial of a factorial", "((9!)!)!", "((9!)!)!+1"),
        Hostile::other("quotients of factorials", "\\frac{1}{2004!}", "\\frac{1}{2006!}"),
        Hostile::other("common divisor of huge numbers", "\\gcd(10^{5000}, 6^{5000})", "1"),
        Hostile::other("hard integral", "\\int_0^1 x^{x^{x}} \\sin(e^{x^2}) dx", "0"),
        Hostile::other("limit of a tower", "\\lim_{x\\to\\infty} x^{x^{x}}", "1"),
    ]
}

fn functions() -> Vec<Hostile> {
    vec![
        Hostile::other("iterated logarithm of a tower", "\\ln\\ln\\ln 10^{10^{10}}", "1"),
        Hostile::other("sine of a huge number", "\\sin(10^{10^{6}})", "0"),
        Hostile::other("tangent at its pole", "\\tan\\frac{\\pi}{2}", "0"),
        Hostile::other("nothing over nothing", "\\frac{0}{0}", "0"),
        Hostile::other("one over nothing", "\\frac{1}{0}", "1"),
        Hostile::other("logarithm of nothing", "\\ln 0", "0"),
        Hostile::other("almost an integer", "e^{\\pi\\sqrt{163}}", "262537412640768744"),
        Hostile::other("almost equal roots", "\\sqrt{10^{40}+1}", "10^{20}"),
        Hostile::other("cancelling to nothing", "10^{100}+1-10^{100}", "0"),
        Hostile::other("iterated exponentials", "\\exp(\\exp(\\exp(\\exp(10))))", "\\exp(\\exp(\\exp(\\exp(9))))"),
        Hostile::other("hyperbolic tangent near one", "\\tanh(10^{6})", "2"),
    ]
}
