"""The index: a bitmap of entries per facet value, kept up to date with imports and reviews."""
