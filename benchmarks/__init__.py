"""What the mechanism costs, measured; docs/cost.md is made from what stands in results/."""
