"""The ways back: all data, one learner's, a legacy folder's, and the drill."""
