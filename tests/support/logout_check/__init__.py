"""A right app, wrong ones, and how the tester is run on them."""
