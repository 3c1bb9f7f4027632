# Writes error_rates.json: what R's survey package says of small samples made here.
# Rscript tests/agreement/references/error_rates.R > tests/agreement/references/error_rates.json
library(survey)
library(jsonlite)
options(survey.lonely.psu = "adjust")

design_of <- function(d, sizes, clusters) {
  d$N <- sizes[d$stratum]
  d$weight <- d$N / ave(rep(1, nrow(d)), d$stratum, FUN = sum)
  if (is.null(clusters)) {
    svydesign(ids = ~1, strata = ~stratum, weights = ~weight, fpc = ~N, data = d)
  } else {
    d$M <- clusters[d$stratum]
    d$weight <- d$M / ave(d$cluster, d$stratum, FUN = function(x) length(unique(x)))
    made <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, fpc = ~M, data = d)
    postStratify(made, ~stratum, data.frame(stratum = names(sizes), Freq = as.numeric(sizes)))
  }
}

moments <- function(d, sizes, clusters) {
  design <- design_of(d, sizes, clusters)
  found <- svymean(~error, design, deff = TRUE)
  n <- nrow(d)
  rate <- as.numeric(coef(found))
  variance <- as.numeric(vcov(found))
  freedom <- degf(design)
  size <- rate * (1 - rate) / variance * n / (n - 1) * (qt(0.025, n - 1) / qt(0.025, freedom))^2
  list(rate = rate, variance = variance, deff = as.numeric(deff(found)), size = size)
}

# The limits by the same definition, from survey's variances: with, and without one more error.
limits <- function(d, sizes, clusters, one_more) {
  seen <- moments(d, sizes, clusters)
  d$error[one_more] <- 1
  more <- moments(d, sizes, clusters)
  both <- function(x) {
    (pbeta(x, seen$rate * seen$size, (1 - seen$rate) * seen$size + 1) +
      pbeta(x, more$rate * more$size, (1 - more$rate) * more$size + 1)) / 2
  }
  root <- function(level) uniroot(function(x) both(x) - level, c(0, 1), tol = 1e-15, maxiter = 10000)$root
  c(root(0.025), root(0.975))
}

case <- function(name, d, sizes, clusters = NULL, one_more = NULL) {
  d$stratum <- as.character(d$stratum)
  seen <- moments(d, sizes, clusters)
  list(
    name = name, stratum = d$stratum, cluster = if (is.null(clusters)) NULL else paste(d$cluster),
    error = as.integer(d$error), sizes = as.list(sizes), clusters = if (is.null(clusters)) NULL else as.list(clusters),
    rate = seen$rate, design_effect = seen$deff,
    limits = if (is.null(one_more)) NULL else limits(d, sizes, clusters, one_more)
  )
}

rows <- function(stratum, n, wrong) data.frame(stratum = stratum, error = c(rep(1, wrong), rep(0, n - wrong)))
first_right <- function(d, stratum) which(d$stratum == stratum & d$error == 0)[1]

simple <- rows("a", 400, 17)
unequal <- rbind(rows("a", 120, 2), rows("b", 50, 3), rows("c", 30, 4), rows("d", 200, 31))
none_in_one <- rbind(rows("a", 150, 0), rows("b", 100, 9))
counted <- rbind(rows("a", 60, 4), rows("b", 25, 6))
lone <- rbind(rows("a", 80, 5), rows("b", 40, 4), rows("c", 1, 1))
even <- data.frame(
  stratum = "all", cluster = rep(1:20, each = 3),
  error = c(1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, rep(0, 48))
)
sizes_of <- rep(c(1, 2, 3, 5), 6)
uneven <- data.frame(
  stratum = rep(ifelse(seq_along(sizes_of) <= 14, "a", "b"), sizes_of), cluster = rep(seq_along(sizes_of), sizes_of)
)
uneven$error <- as.integer((uneven$cluster * 7 + seq_along(uneven$cluster)) %% 11 < 2 | uneven$cluster %% 9 == 4)

write_json(list(
  survey = as.character(packageVersion("survey")), R = as.character(getRversion()),
  cases = list(
    case("simple", simple, c(a = 83400), one_more = first_right(simple, "a")),
    case("half of a small population", simple, c(a = 800), one_more = first_right(simple, "a")),
    case("unequal strata", unequal, c(a = 50000, b = 20840, c = 8340, d = 4220), one_more = first_right(unequal, "b")),
    case("a large stratum without errors", none_in_one, c(a = 60000, b = 400), one_more = first_right(none_in_one, "a")),
    case("a stratum looked at as a whole", counted, c(a = 6000, b = 25), one_more = first_right(counted, "a")),
    case("a stratum with a single answer", lone, c(a = 3000, b = 900, c = 20), one_more = first_right(lone, "a")),
    case("clusters of one size", even, c(all = 1500), c(all = 500), one_more = which(even$cluster == 20)),
    case("clusters in strata", uneven, c(a = 900, b = 500), c(a = 320, b = 170))
  )
), stdout(), digits = NA, auto_unbox = TRUE, null = "null")
