"""Independent float64 evaluation of the supported model architectures."""
