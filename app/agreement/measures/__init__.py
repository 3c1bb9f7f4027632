"""How far ratings agree: pure arithmetic, each function with the source of its formula."""
