"""SafeRLHF Review: browse preference datasets and record agreement with their labels."""
