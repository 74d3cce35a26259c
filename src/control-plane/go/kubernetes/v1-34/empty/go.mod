// Stands for the sample modules that k8s.io/kubernetes names but no package here uses.
module k8s.io/sample-x

go 1.24.0
