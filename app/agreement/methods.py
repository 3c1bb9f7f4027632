"""How each figure is computed, and by whom it was found: what /help/statistics says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    anchor: str
    title: str
    says: str
    formula: str
    source: str


METHODS = (
    Method(
        "label-agreement",
        "Label agreement",
        "The share of verdicts “agree” among those that decide. “Unsure”, and verdicts on labels that have changed "
        "since, are counted beside it and stand in no share.",
        "agree / (agree + disagree)",
        "Wilson 1927, JASA 22, 209-212; exact: Clopper and Pearson 1934, Biometrika 26, 404-413",
    ),
    Method(
        "error-rate-simple",
        "Label error rate, simple random sample",
        "The share of wrong labels in the whole population. An entry is wrong where it was adjudicated so; without an "
        "adjudication it counts by the share of its reviewers who disagree.",
        "wrong / judged; limits: mid-p Clopper-Pearson with the finite population correction",
        "Korn and Graubard 1998, Survey Methodology 24, 193-201; Fay and Kim 2017, Biometrical Journal 59",
    ),
    Method(
        "error-rate-stratified",
        "Label error rate, stratified",
        "Each stratum counts as much as it has entries, however many of it were drawn.",
        "sum of N_h p_h / N; limits: Clopper-Pearson with the effective number of entries, as if one more were wrong "
        "where an entry stands for the most",
        "Cochran 1977, Sampling Techniques, chapter 5; Korn and Graubard 1998; Fay and Feuer 1997, Statistics in "
        "Medicine 16",
    ),
    Method(
        "error-rate-clustered",
        "Label error rate, prompts drawn whole",
        "Pairs of one prompt are wrong together more often than by chance, so prompts are what is counted.",
        "ratio estimator, linearised variance between prompts",
        "Cochran 1977, chapter 9A; Lumley 2010, Complex Surveys",
    ),
    Method(
        "percent-agreement",
        "Percent agreement",
        "How often two reviewers of an entry say the same, chance included.",
        "mean over entries of agreeing pairs / pairs",
        "Fleiss 1971, formula 2",
    ),
    Method(
        "cohen-kappa",
        "Cohen’s kappa",
        "Agreement of two beyond what their own habits give by chance.",
        "(p_o - p_e) / (1 - p_e), p_e = sum of p_i. p_.i",
        "Cohen 1960, Educational and Psychological Measurement 20, 37-46",
    ),
    Method(
        "weighted-kappa",
        "Quadratic-weighted kappa",
        "For levels in an order: to be off by two is four times as bad as by one.",
        "as kappa, with weights 1 - (i - j)² / (k - 1)²",
        "Cohen 1968, Psychological Bulletin 70, 213-220",
    ),
    Method(
        "fleiss-kappa",
        "Fleiss’ kappa",
        "For more than two reviewers, as many for every entry.",
        "(mean P_i - sum of p_j²) / (1 - sum of p_j²)",
        "Fleiss 1971, Psychological Bulletin 76, 378-382",
    ),
    Method(
        "krippendorff-alpha",
        "Krippendorff’s alpha",
        "For any number of reviewers, some missing; nominal, ordinal, or for sets of categories by the Jaccard or MASI "
        "distance.",
        "1 - D_o / D_e over the table of coincidences",
        "Krippendorff 2011, Computing Krippendorff’s Alpha-Reliability; Passonneau 2006, LREC (MASI)",
    ),
    Method(
        "gwet-ac1",
        "Gwet’s AC1",
        "Agreement beyond chance that does not collapse when nearly all labels are the same.",
        "(p_a - p_e) / (1 - p_e), p_e = sum of q(1 - q) / (k - 1)",
        "Gwet 2008, British Journal of Mathematical and Statistical Psychology 61, 29-48",
    ),
    Method(
        "gwet-ac2",
        "Gwet’s AC2",
        "AC1 with quadratic weights, for levels in an order.",
        "as AC1, with weights 1 - (i - j)² / (k - 1)²",
        "Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, chapter 5",
    ),
    Method(
        "bootstrap",
        "Bootstrap intervals",
        "Prompts are drawn again with replacement a thousand times, each with all of its entries, and the coefficient "
        "is computed each time; the interval holds the middle 95 %. The same ratings give the same interval.",
        "2.5 % and 97.5 % quantiles of the coefficient over 1,000 draws of prompts",
        "Efron 1979, Annals of Statistics 7, 1-26; Field and Welsh 2007, JRSS B 69, 369-390 (clusters)",
    ),
    Method(
        "mcnemar",
        "Direction of errors",
        "Of the entries whose label is wrong: are as many wrong the one way as the other? Exact and two-sided.",
        "twice the smaller tail of the binomial distribution with one half, at most 1",
        "McNemar 1947, Psychometrika 12, 153-157",
    ),
    Method(
        "acceptance",
        "Acceptance plan",
        "Whether a batch of labels is good enough, by how many of its sample are wrong. An entry is wrong where it was "
        "adjudicated so, or at least half of its reviewers say so.",
        "accept where the wrong ones are at most those allowed, by the hypergeometric distribution of an isolated lot",
        "ISO 2859-2, procedure A; Wald 1945, Annals of Mathematical Statistics 16, 117-186 (sequential); "
        "Ji et al. 2023, BeaverTails",
    ),
    Method(
        "reviewing-pace",
        "Pace",
        "Seconds in which the reviewer was active on an entry, over all submitted reviews in which they were measured. "
        "The middle half lies between the quartiles; of fewer than six reviews the median has no interval.",
        "quantiles of type 7; limits of the median: the kth smallest and the kth largest, k from the binomial "
        "distribution with one half",
        "Hyndman and Fan 1996, American Statistician 50, 361-365; Conover 1999, Practical Nonparametric Statistics, "
        "section 3.2",
    ),
    Method(
        "with-others",
        "Agreement with other reviewers",
        "The share of pairs (the reviewer’s value, another reviewer’s value of the same label) that are equal; of "
        "blind reviews, what was said in the end. Kappa is Cohen’s, of the reviewer against all others taken together. "
        "Pairs of one entry hang together, so the interval is somewhat too narrow where entries have many reviewers.",
        "equal pairs / pairs",
        "Fleiss 1971, formula 2, for one reviewer; Wilson 1927, JASA 22, 209-212",
    ),
    Method(
        "with-settled",
        "Agreement with adjudications",
        "The share of the reviewer’s values that an adjudicator settled on. Mostly what is disputed is adjudicated, so "
        "that this is lower than over all labels.",
        "same as settled / settled, where the reviewer was not unsure",
        "Wilson 1927, JASA 22, 209-212",
    ),
    Method(
        "position-bias",
        "Preference for a side",
        "How often the response that stood left was picked, where chance said which one stands there; of blind reviews "
        "the first answers. Without a preference it is one half. Ties pick no side.",
        "left / (left + right); Wilson limits, held against one half",
        "Wang et al. 2024, ACL (position bias of judges); Wilson 1927, JASA 22, 209-212",
    ),
    Method(
        "reveal-effect",
        "Effect of the reveal",
        "Of the blind answers that differed from the stored label: how many became the stored one once it was shown. "
        "Some of that is an error noticed, some is giving way; the figure cannot tell which.",
        "moved to the stored label / first answers that differed from it",
        "Tversky and Kahneman 1974, Science 185, 1124-1131 (anchoring); Wilson 1927, JASA 22, 209-212",
    ),
    Method(
        "repeats",
        "Consistency on repeats",
        "Entries that came twice in a session: the share of labels on which the reviewer said the same both times; of "
        "blind reviews the first answers. A reviewer who was unsure once counts beside it.",
        "same / answered both times; Wilson limits",
        "Krippendorff 2018, Content Analysis, 4th edition, chapter 12 (stability); Wilson 1927, JASA 22, 209-212",
    ),
    Method(
        "weeks",
        "Drift by week",
        "Label agreement in each week (ISO 8601, UTC) over all labels together. Verdicts on one entry hang together, "
        "so the intervals are somewhat too narrow: look for a trend, not at a single week.",
        "agree / (agree + disagree) in the week; Wilson limits",
        "Wilson 1927, JASA 22, 209-212",
    ),
)
