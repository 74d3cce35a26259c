"""Fashion-MNIST programs that show what one MIG slice is worth: two trainings and an inference service.

Only the standard library and PyTorch are imported, so the same files run from a ConfigMap on the plain NGC PyTorch
image and from the image that workloads/Dockerfile bakes.
"""
