//! The words that are units, and the symbol each is known by.

/// Returns the symbol of a unit by one of its names.
pub fn symbol(name: &str) -> Option<&'static str> {
    let found = UNITS.binary_search_by(|(known, _)| (*known).cmp(name)).ok();
    if let Some((_, symbol)) = found.and_then(|index| UNITS.get(index)) {
        return Some(symbol);
    }
    // Names of three and more letters are known in any case.
    let lower =
        (name.len() > 2 && name.bytes().any(|byte| byte.is_ascii_uppercase())).then(|| name.to_ascii_lowercase())?;
    let index = UNITS.binary_search_by(|(known, _)| (*known).cmp(lower.as_str())).ok()?;
    UNITS.get(index).map(|(_, symbol)| *symbol)
}

/// Returns which half of a day is meant, however it is written: `am` by `A.M.`
pub fn half_of_day(word: &str) -> Option<&'static str> {
    let word = word.strip_suffix('.').unwrap_or(word);
    let is = |halves: [&str; 2]| halves.iter().any(|half| word.eq_ignore_ascii_case(half));
    if is(["am", "a.m"]) {
        return Some("am");
    }
    is(["pm", "p.m"]).then_some("pm")
}

/// Returns whether a letter by itself may be a unit.
pub fn is_letter(name: &str) -> bool {
    matches!(
        name,
        "m" | "s" | "h" | "g" | "l" | "L" | "d" | "t" | "K" | "N" | "J" | "W" | "V" | "A" | "C" | "T" | "F" | "k"
    )
}

/// Every name of a unit, in the order of its bytes, and the symbol it stands for.
#[rustfmt::skip]
static UNITS: &[(&str, &str)] = &[
    ("$", "$"), ("A", "A"), ("B", "B"), ("C", "C"), ("F", "F"), ("GB", "GB"), ("GHz", "GHz"), ("GeV", "GeV"),
    ("Hz", "Hz"), ("J", "J"), ("K", "K"), ("KB", "KB"), ("L", "L"), ("MB", "MB"), ("MHz", "MHz"), ("MPa", "MPa"),
    ("MW", "MW"), ("MeV", "MeV"), ("N", "N"), ("Pa", "Pa"), ("T", "T"), ("V", "V"), ("W", "W"), ("acre", "acre"),
    ("acres", "acre"), ("amp", "A"), ("ampere", "A"), ("amperes", "A"), ("amps", "A"), ("angle", "angle"),
    ("angles", "angle"), ("animal", "animal"), ("animals", "animal"), ("answer", "answer"), ("answers", "answer"),
    ("apple", "apple"), ("apples", "apple"), ("arrangement", "arrangement"), ("arrangements", "arrangement"),
    ("atm", "atm"), ("ball", "ball"), ("balls", "ball"), ("bird", "bird"), ("birds", "bird"), ("bit", "bit"),
    ("bits", "bit"), ("block", "block"), ("blocks", "block"), ("book", "book"), ("books", "book"), ("box", "box"),
    ("boxes", "box"), ("boy", "boy"), ("boys", "boy"), ("brick", "brick"), ("bricks", "brick"), ("bucks", "$"),
    ("byte", "B"), ("bytes", "B"), ("cL", "cL"), ("cal", "cal"), ("calorie", "cal"), ("calories", "cal"),
    ("candies", "candy"), ("candy", "candy"), ("candys", "candy"), ("car", "car"), ("card", "card"),
    ("cards", "card"), ("cars", "car"), ("cat", "cat"), ("cats", "cat"), ("cent", "cent"), ("centimeter", "cm"),
    ("centimeters", "cm"), ("centimetre", "cm"), ("centimetres", "cm"), ("cents", "cent"), ("chair", "chair"),
    ("chairs", "chair"), ("child", "child"), ("children", "child"), ("childs", "child"), ("cl", "cL"),
    ("classes", "class"), ("cm", "cm"), ("coin", "coin"), ("coins", "coin"), ("column", "column"),
    ("columns", "column"), ("combination", "combination"), ("combinations", "combination"),
    ("committee", "committee"), ("committees", "committee"), ("cookie", "cookie"), ("cookies", "cookie"),
    ("coulomb", "C"), ("coulombs", "C"), ("cube", "cube"), ("cubes", "cube"), ("cup", "cup"), ("cups", "cup"),
    ("customer", "customer"), ("customers", "customer"), ("dB", "dB"), ("day", "day"), ("days", "day"),
    ("decimeter", "dm"), ("decimeters", "dm"), ("decimetre", "dm"), ("decimetres", "dm"), ("diagonal", "diagonal"),
    ("diagonals", "diagonal"), ("digit", "digit"), ("digits", "digit"), ("divisor", "divisor"),
    ("divisors", "divisor"), ("dm", "dm"), ("dog", "dog"), ("dogs", "dog"), ("dollar", "$"), ("dollars", "$"),
    ("eV", "eV"), ("edge", "edge"), ("edges", "edge"), ("egg", "egg"), ("eggs", "egg"), ("element", "element"),
    ("elements", "element"), ("employee", "employee"), ("employees", "employee"), ("eur", "euro"), ("euro", "euro"),
    ("euros", "euro"), ("face", "face"), ("faces", "face"), ("factor", "factor"), ("factors", "factor"),
    ("families", "families"), ("family", "family"), ("familys", "family"), ("farad", "F"), ("feet", "ft"),
    ("fish", "fish"), ("floor", "floor"), ("floors", "floor"), ("flower", "flower"), ("flowers", "flower"),
    ("foot", "ft"), ("ft", "ft"), ("g", "g"), ("gal", "gal"), ("gallon", "gal"), ("gallons", "gal"), ("game", "game"),
    ("games", "game"), ("girl", "girl"), ("girls", "girl"), ("gm", "g"), ("gms", "g"), ("goal", "goal"),
    ("goals", "goal"), ("gram", "g"), ("grams", "g"), ("group", "group"), ("groups", "group"), ("guest", "guest"),
    ("guests", "guest"), ("h", "h"), ("ha", "ha"), ("hat", "hat"), ("hats", "hat"), ("hectare", "ha"),
    ("hectares", "ha"), ("hertz", "Hz"), ("hop", "hop"), ("hops", "hop"), ("hour", "h"), ("hours", "h"),
    ("house", "house"), ("houses", "house"), ("hr", "h"), ("hrs", "h"), ("in", "in"), ("inch", "in"),
    ("inches", "in"), ("inning", "inning"), ("innings", "inning"), ("integer", "integer"), ("integers", "integer"),
    ("item", "item"), ("items", "item"), ("joule", "J"), ("joules", "J"), ("kHz", "kHz"), ("kJ", "kJ"), ("kN", "kN"),
    ("kPa", "kPa"), ("kV", "kV"), ("kW", "kW"), ("kWh", "kWh"), ("kcal", "kcal"), ("keV", "keV"), ("kelvin", "K"),
    ("kelvins", "K"), ("kg", "kg"), ("kgs", "kg"), ("kilo", "kg"), ("kilogram", "kg"), ("kilograms", "kg"),
    ("kilojoule", "kJ"), ("kilojoules", "kJ"), ("kilometer", "km"), ("kilometers", "km"), ("kilometre", "km"),
    ("kilometres", "km"), ("kilos", "kg"), ("kilowatt", "kW"), ("kilowatts", "kW"), ("km", "km"), ("kmh", "kmh"),
    ("kph", "kmh"), ("lap", "lap"), ("laps", "lap"), ("layer", "layer"), ("layers", "layer"), ("lb", "lb"),
    ("lbs", "lb"), ("letter", "letter"), ("letters", "letter"), ("liter", "L"), ("liters", "L"), ("litre", "L"),
    ("litres", "L"), ("m", "m"), ("mA", "mA"), ("mL", "mL"), ("mV", "mV"), ("mW", "mW"), ("man", "man"),
    ("mans", "man"), ("marble", "marble"), ("marbles", "marble"), ("mark", "mark"), ("marks", "mark"),
    ("match", "match"), ("matches", "match"), ("matchs", "match"), ("member", "member"), ("members", "member"),
    ("men", "man"), ("meter", "m"), ("meters", "m"), ("metre", "m"), ("metres", "m"), ("mg", "mg"), ("mi", "mi"),
    ("microgram", "ug"), ("micrograms", "ug"), ("micrometer", "um"), ("micrometers", "um"), ("micrometre", "um"),
    ("micrometres", "um"), ("mile", "mi"), ("miles", "mi"), ("milligram", "mg"), ("milligrams", "mg"),
    ("milliliter", "mL"), ("milliliters", "mL"), ("millilitre", "mL"), ("millilitres", "mL"), ("millimeter", "mm"),
    ("millimeters", "mm"), ("millimetre", "mm"), ("millimetres", "mm"), ("millisecond", "ms"), ("milliseconds", "ms"),
    ("min", "min"), ("mins", "min"), ("minute", "min"), ("minutes", "min"), ("ml", "mL"), ("mm", "mm"),
    ("mol", "mol"), ("mole", "mol"), ("moles", "mol"), ("month", "month"), ("months", "month"), ("move", "move"),
    ("moves", "move"), ("mph", "mph"), ("ms", "ms"), ("multiple", "multiple"), ("multiples", "multiple"),
    ("nC", "nC"), ("nanometer", "nm"), ("nanometers", "nm"), ("nanometre", "nm"), ("nanometres", "nm"),
    ("newton", "N"), ("newtons", "N"), ("nm", "nm"), ("ohm", "ohm"), ("ohms", "ohm"), ("orange", "orange"),
    ("oranges", "orange"), ("ounce", "oz"), ("ounces", "oz"), ("outcome", "outcome"), ("outcomes", "outcome"),
    ("oz", "oz"), ("page", "page"), ("pages", "page"), ("pair", "pair"), ("pairs", "pair"), ("pascal", "Pa"),
    ("pascals", "Pa"), ("pencil", "pencil"), ("pencils", "pencil"), ("people", "person"),
    ("permutation", "permutation"), ("permutations", "permutation"), ("person", "person"), ("persons", "person"),
    ("piece", "piece"), ("pieces", "piece"), ("pint", "pt"), ("pints", "pt"), ("player", "player"),
    ("players", "player"), ("point", "point"), ("points", "point"), ("pound", "lb"), ("pounds", "lb"),
    ("problem", "problem"), ("problems", "problem"), ("pt", "pt"), ("qt", "qt"), ("quart", "qt"), ("quarts", "qt"),
    ("question", "question"), ("questions", "question"), ("rabbit", "rabbit"), ("rabbits", "rabbit"), ("rad", "rad"),
    ("radian", "rad"), ("radians", "rad"), ("revolution", "revolution"), ("revolutions", "revolution"),
    ("room", "room"), ("rooms", "room"), ("row", "row"), ("rows", "row"), ("rpm", "rpm"), ("rs", "rs"),
    ("rupee", "rupee"), ("rupees", "rupee"), ("s", "s"), ("seat", "seat"), ("seats", "seat"), ("sec", "s"),
    ("second", "s"), ("seconds", "s"), ("secs", "s"), ("segment", "segment"), ("segments", "segment"),
    ("sheet", "sheet"), ("sheets", "sheet"), ("shirt", "shirt"), ("shirts", "shirt"), ("shoe", "shoe"),
    ("shoes", "shoe"), ("sock", "sock"), ("socks", "sock"), ("solution", "solution"), ("solutions", "solution"),
    ("stair", "stair"), ("stairs", "stair"), ("stamp", "stamp"), ("stamps", "stamp"), ("step", "step"),
    ("steps", "step"), ("story", "story"), ("storys", "story"), ("student", "student"), ("students", "student"),
    ("subset", "subset"), ("subsets", "subset"), ("team", "team"), ("teams", "team"), ("term", "term"),
    ("terms", "term"), ("tesla", "T"), ("ticket", "ticket"), ("tickets", "ticket"), ("tile", "tile"),
    ("tiles", "tile"), ("time", "time"), ("times", "time"), ("ton", "ton"), ("tonne", "ton"), ("tonnes", "ton"),
    ("tons", "ton"), ("tree", "tree"), ("trees", "tree"), ("triangle", "triangle"), ("triangles", "triangle"),
    ("trip", "trip"), ("trips", "trip"), ("turn", "turn"), ("turns", "turn"), ("uF", "uF"), ("ug", "ug"),
    ("um", "um"), ("unit", "unit"), ("units", "unit"), ("usd", "$"), ("vertex", "vertex"), ("vertices", "vertex"),
    ("volt", "V"), ("volts", "V"), ("vote", "vote"), ("votes", "vote"), ("watt", "W"), ("watts", "W"), ("way", "way"),
    ("ways", "way"), ("week", "week"), ("weeks", "week"), ("wk", "week"), ("wks", "week"), ("woman", "woman"),
    ("womans", "woman"), ("women", "woman"), ("word", "word"), ("words", "word"), ("worker", "worker"),
    ("workers", "worker"), ("yard", "yd"), ("yards", "yd"), ("yd", "yd"), ("yds", "yd"), ("year", "year"),
    ("years", "year"), ("yen", "yen"), ("yr", "year"), ("yrs", "year"), ("yuan", "yuan"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for pair in UNITS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
        }
    }

    #[test]
    fn a_unit_has_one_symbol_whatever_its_name() {
        for (name, expected) in [
            ("feet", Some("ft")),
            ("Foot", Some("ft")),
            ("km", Some("km")),
            ("litres", Some("L")),
            ("inches", Some("in")),
            ("MW", Some("MW")),
            ("mW", Some("mW")),
            ("banana", None),
        ] {
            assert_eq!(symbol(name), expected, "{name}");
        }
    }
}
