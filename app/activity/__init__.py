"""The record of what everybody did, as people read it: who, what and when, and never what a text or a verdict says."""
