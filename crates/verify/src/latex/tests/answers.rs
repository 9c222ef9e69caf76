//! Answers of every kind, and what they are read as.

use super::*;

#[test]
fn numbers_are_read_with_their_groups_and_exponents() {
    check("1,234", "1234");
    check("12,\\!345.67", "12345.67");
    check("34\\,352", "34352");
    check("1 000 000", "1000000");
    check("1{,}000", "1000");
    check("(1,234)", "(1, 234)");
    check("(1,234, 5)", "(1234, 5)");
    check("1,2,3", "1, 2, 3");
    check("1.39e-10", "1.39E-10");
    check("0,5", "0.5");
    check("1.234,56", "1234.56");
    check("0.1\\overline{6}", "0.1\\overline{6}");
    check("204_5", "204_{5}");
    check("2\\frac12", "2\\frac{1}{2}");
    check("2 1/2", "2\\frac{1}{2}");
    check("3 1\\frac{1}{2}", "3*1\\frac{1}{2}");
    check("2.5\\frac12", "2.5*(1/2)");
    check("½", "1/2");
}

#[test]
fn products_side_by_side_bind_tighter_than_signs() {
    check("1/2x", "1/(2*x)");
    check("-2x^2", "-(2*x^{2})");
    check("2\\sin 2x\\cos x + 1", "2*\\sin(2*x)*\\cos(x) + 1");
    check("-1\\mod 2", "-1 \\bmod 2");
    check("3 \\pm 2\\sqrt2", "3 \\pm 2*\\sqrt{2}");
    check("x^-1y", "x^{-1}*y");
    check("2^10", "2^{10}");
    check("x² + √3", "x^{2} + \\sqrt{3}");
}

#[test]
fn units_stay_with_their_value() {
    check("5 \\sqrt{10} / 2 \\mathrm{~m} / \\mathrm{s}", "(5*\\sqrt{10})/2 \\text{m}/\\text{s}");
    check("864 \\mbox{ inches}^2", "864 \\text{in}^{2}");
    check("135 square feet", "135 \\text{ft}^{2}");
    check("2 seconds.", "2 \\text{s}");
    check("16+12\\sqrt2 \\text{ cm}", "(16 + 12*\\sqrt{2}) \\text{cm}");
    check("\\$4,\\!000", "4000 \\$");
    check("25^\\circ C", "25 \\text{°C}");
    check("10\\%", "10\\%");
    check("90^\\circ", "90^{\\circ}");
    check("2ab", "2*a*b");
}

#[test]
fn lists_relations_and_brackets_keep_their_shape() {
    check("x=1, 2", "x = 1, 2");
    check("x=1 \\text{ or } y=2", "x = 1, y = 2");
    check("x<1 or x>2", "x < 1 \\lor x > 2");
    check("1 < x \\le 2", "1 < x \\le 2");
    check("(-\\infty, 1] \\cup [2, 3)", "(-\\infty, 1] \\cup [2, 3)");
    check("]0, 1[", "(0, 1)");
    check("{1,2} \\cap {2}", "\\{1, 2\\} \\cap \\{2\\}");
    check("\\{x \\mid x \\geq 1\\}", "\\{x \\mid x \\ge 1\\}");
    check("\\{x : |x| < 3\\}", "\\{x \\mid \\left|x\\right| < 3\\}");
    check("x \\equiv 3 \\pmod 5", "x \\equiv 3 \\pmod{5}");
    check("1,2;3,4", "1, 2; 3, 4");
    check("3:1", "3 : 1");
    check("|x||y|", "\\left|x\\right|*\\left|y\\right|");
    check(
        "\\left[\\begin{array}{ll}1 & 2 \\\\ 3 & 4\\end{array}\\right]",
        "\\begin{pmatrix}1 & 2 \\\\ 3 & 4\\end{pmatrix}",
    );
}

#[test]
fn prose_is_one_text() {
    check(
        "The largest rectangle has area 12.25 square inches.",
        "\\text{The largest rectangle has area 12.25 square inches}",
    );
    check("\\text{a necessary but not a sufficient condition}", "\\text{a necessary but not a sufficient condition}");
    check("yes", "\\text{yes}");
}

#[test]
fn what_is_damaged_in_one_way_is_repaired() {
    check("\\frac12", "1/2");
    check("\\frac{1}{2", "1/2");
    check("\\\\dfrac{1}{2}", "1/2");
    check("\\log_28", "\\log_{2}(8)");
    check("sqrt(2)", "\\sqrt{2}");
    check("**5**", "5");
    check("x**2", "x^{2}");
    check("(1, 2", "(1, 2)");
    check("\\int_{ }^{}x dx", "\\int x\\,dx");
}

#[test]
fn environments_bounds_and_turned_brackets_are_read() {
    check("\\begin{aligned} x &= 1 \\\\ y &= 2 \\end{aligned}", "x = 1, y = 2");
    check(
        "\\begin{cases} x & \\text{if } x > 0 \\\\ -x & \\text{otherwise} \\end{cases}",
        "\\begin{cases}x & x > 0 \\\\ -x & \\text{otherwise}\\end{cases}",
    );
    check("\\sum_{1 \\le i < j \\le n} a_i a_j", "\\sum_{1 \\le i < j \\le n} (a_{i}*a_{j})");
    check("[1, 2[ \\cup ]3, 4]", "[1, 2) \\cup (3, 4]");
    check("10 \\text{ cm} \\times 5 \\text{ cm}", "(10 \\text{cm})*5 \\text{cm}");
    check("9.8 \\, \\mathrm{m/s^2}", "9.8 \\text{m}/\\text{s}^{2}");
    check("5 m/s", "5 \\text{m}/\\text{s}");
    check("{{1},{2},{3}}", "\\{\\{1\\}, \\{2\\}, \\{3\\}\\}");
    check("(1,7,103, 105)", "(1, 7, 103, 105)");
    check("\\mathrm{Re}(z)", "\\Re(z)");
    check("\\lim_{x\\to 0^+} \\frac{1}{x}", "\\lim_{x \\to 0^{+}} (1/x)");
    check("\\left. x^2 \\right|_0^1", "(x^{2})\\bigr|_{x = 0}^{1} ");
    check("\\frac{d^2y}{dx^2} + y = 0", "\\frac{d^{2}}{dx^{2}}(y) + y = 0");
}

#[test]
fn the_notation_says_how_ambiguous_signs_are_read() {
    check_in(&Notation::math_verify(), "3+4i", "3 + 4*i");
    check_in(&Notation::math_verify(), "1e5 + 1E5", "1*e*5 + 1E5");
    check_in(&Notation { decimal_comma: true, ..Notation::reward() }, "3,14", "3.14");
    check_in(&Notation { mixed_numbers: false, ..Notation::reward() }, "2\\frac12", "2*(1/2)");
    check_in(&Notation { units: false, ..Notation::reward() }, "5 \\text{ cm}", "5");
    check_in(&Notation { letter_units: crate::latex::LetterUnits::Spaced, ..Notation::reward() }, "5 m", "5 \\text{m}");
}
