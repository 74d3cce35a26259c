// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider, built from its published Go module: for machines that cannot fetch the
// released plugin. The schema, which a release carries, is left out: only importing resources and generating SDKs read it.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte("{}"), []byte("{}"))
}
