"""Forms of evidence: a workbook for each agency, given out with what is known and read back in a child process."""
