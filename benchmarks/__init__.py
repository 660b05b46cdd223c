"""What the mechanism costs, measured; docs/cost.md is made from the files in results/."""
