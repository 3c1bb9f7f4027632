# Writes agreement.json: what R's irr (0.84.1) and irrCAC (K. Gwet, 2026-04-26) say of ratings made here.
# Rscript tests/agreement/references/agreement.R > tests/agreement/references/agreement.json
library(irr)
library(irrCAC)
library(jsonlite)

# irrCAC rounds what it answers to five decimals; with this it does not.
exactly <- function(f) {
  around <- new.env(parent = environment(f))
  assign("round", function(x, ...) x, around)
  environment(f) <- around
  function(...) as.numeric(f(...)$est$coeff.val)
}
ac <- exactly(gwet.ac1.raw)
alpha <- exactly(krippen.alpha.raw)
fleiss <- exactly(fleiss.kappa.raw)

# Rows are entries, columns raters, NA where there is no rating.
random <- function(seed, entries, raters, values, missing, skew = 1) {
  set.seed(seed)
  chances <- skew^(seq_along(values))
  truth <- sample(values, entries, replace = TRUE, prob = chances)
  said <- sapply(seq_len(raters), function(rater) {
    own <- sample(values, entries, replace = TRUE, prob = chances)
    ifelse(runif(entries) < 0.7, truth, own)
  })
  said[matrix(runif(entries * raters) < missing, entries)] <- NA
  said[rowSums(!is.na(said)) > 0, ]  # irrCAC takes no entry without any rating
}
cells <- function(a, b, c, d) {
  cbind(c(rep(0, a + b), rep(1, c + d)), c(rep(0, a), rep(1, b), rep(0, c), rep(1, d)))
}
tables <- list(
  paradox = list(ratings = cells(130, 56, 9, 5), values = 0:1),
  two = list(ratings = random(1, 60, 2, 0:1, 0), values = 0:1),
  two_levels = list(ratings = random(2, 80, 2, 0:3, 0), values = 0:3),
  two_unused = list(ratings = random(3, 50, 2, 0:2, 0), values = 0:3),
  rare = list(ratings = random(4, 150, 2, 0:1, 0, 0.05), values = 0:1),
  two_missing = list(ratings = random(5, 60, 2, 0:3, 0.2), values = 0:3),
  three = list(ratings = random(6, 60, 3, 0:3, 0), values = 0:3),
  four_missing = list(ratings = random(7, 70, 4, 0:3, 0.3), values = 0:3),
  five_skewed = list(ratings = random(8, 90, 5, 0:3, 0.1, 0.3), values = 0:3),
  categories = list(ratings = random(9, 120, 3, 0:18, 0.1), values = 0:18)
)

said_of <- function(ratings, values) {
  whole <- !anyNA(ratings)
  two <- ncol(ratings) == 2
  found <- list(
    alpha = kripp.alpha(t(ratings), "nominal")$value,
    alpha_ordinal = kripp.alpha(t(ratings), "ordinal")$value,
    alpha_cac = alpha(ratings, weights = "unweighted"),
    ac1 = ac(ratings, weights = "unweighted", categ.labels = values),
    ac2 = ac(ratings, weights = "quadratic", categ.labels = values)
  )
  if (whole) found$fleiss <- fleiss(ratings, weights = "unweighted", categ.labels = values)
  if (two && whole) {
    found$agreement <- mean(ratings[, 1] == ratings[, 2])
    found$kappa <- kappa2(ratings, "unweighted")$value
    # irr takes its levels from the data: what nobody said would move them apart
    if (all(values %in% ratings)) found$kappa_squared <- kappa2(ratings, "squared")$value
  }
  found
}
told <- lapply(tables, function(one) {
  c(one, list(found = said_of(one$ratings, one$values)))
})
cat(toJSON(told, auto_unbox = TRUE, digits = NA, na = "null", matrix = "rowmajor"), "\n")
