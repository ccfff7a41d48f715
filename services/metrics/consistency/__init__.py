"""The consistency check: counters counted anew from the versions must equal the ones that grew by differences."""
