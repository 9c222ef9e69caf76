//! What must hold for every text, whatever it is. The fuzz targets look for one where it does not; the inputs that they found their way with are
//! kept in `corpus/`, and the tests of the verifier go through them again.

use gradus_verify::{
    Extraction, Fallback, Gold, Profile, Search, Source, Verdict, explain, fuel::FUEL_PER_COMPARISON, latex, verify,
};

/// The profiles whose rules differ most.
fn profiles() -> [Profile; 3] {
    [Profile::reward(), Profile::math_verify(), Profile::strict()]
}

/// An answer that is found lies in the text, and whatever is found is found again.
pub fn check_extraction(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for source in [Source::Auto, Source::AnswerTag, Source::Boxed, Source::Whole] {
        for fallback in [Fallback::None, Fallback::FinalAnswer, Fallback::LastLine] {
            let extraction = Extraction { source, fallback };
            let found = extraction.find(&text);
            assert_eq!(found, extraction.find(&text));
            assert!(found.is_none_or(|answer| text.contains(answer) && answer.trim() == answer && !answer.is_empty()));
        }
    }
    for profile in profiles() {
        let gold = Gold::read(&text, Search::Text, &profile);
        assert_eq!(gold, Gold::read(&text, Search::Text, &profile));
        let spans = gold.readings().iter().flat_map(|reading| &reading.place.spans);
        spans.for_each(|span| assert!(text.get(span.clone()).is_some(), "{span:?} is no place of `{text}`"));
    }
}

/// What is read is read the same way again.
pub fn check_parser(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for profile in profiles() {
        let read = latex::parse(&text, &profile.notation);
        assert_eq!(read, latex::parse(&text, &profile.notation));
    }
}

/// Verdicts are bounded and repeatable; an answer is itself; strictly, no side matters more.
pub fn check_decision(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (left, right) = text.split_once('\n').unwrap_or((&text, &text));
    for profile in profiles() {
        for search in [Search::Whole, Search::Text] {
            let gold = Gold::read(left, search, &profile);
            let there = verify(&gold, right, search, &profile);
            assert!(there.fuel <= FUEL_PER_COMPARISON, "{} units", there.fuel);
            assert!(!explain(&gold, &there).is_empty());
            let itself = verify(&gold, left, search, &profile);
            let is_found = itself.extracted.is_some();
            assert!(!is_found || itself.verdict == Verdict::Equal, "`{left}` is not itself: {itself:?}");
        }
    }
    let profile = Profile::reward();
    let gold = Gold::read(left, Search::Text, &profile);
    let found = verify(&gold, right, Search::Text, &profile);
    assert_eq!(found, verify(&gold, right, Search::Text, &profile));
    let profile = Profile::strict();
    let verdict = |gold: &str, prediction: &str| {
        verify(&Gold::read(gold, Search::Whole, &profile), prediction, Search::Whole, &profile).verdict
    };
    let (there, back) = (verdict(left, right), verdict(right, left));
    let is_symmetric = (there == Verdict::Equal) == (back == Verdict::Equal);
    assert!(is_symmetric, "`{left}` and `{right}`: {there:?}, the other way round {back:?}");
}
