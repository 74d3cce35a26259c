// Asks Kubernetes what it makes of selectors: reads devices and groups of expressions (expressions.json) from standard input and writes, as JSON,
// the API server's verdict on every expression and kube-scheduler's on every device.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	resourceapi "k8s.io/api/resource/v1"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/dynamic-resource-allocation/cel"
)

type device struct {
	Driver     string                                                    `json:"driver"`
	Attributes map[resourceapi.QualifiedName]resourceapi.DeviceAttribute `json:"attributes"`
	Capacity   map[resourceapi.QualifiedName]resourceapi.DeviceCapacity  `json:"capacity"`
}

type judgement struct {
	Expression string `json:"expression"`
	// Why the API server refuses the expression.
	Refused string `json:"refused,omitempty"`
	// The API server's estimate of the cost of one that it accepts.
	Cost uint64 `json:"cost,omitempty"`
	// By device: "match", "noMatch", or "error: " and the scheduler's message.
	Verdicts map[string]string `json:"verdicts,omitempty"`
}

func main() {
	var input struct {
		Devices map[string]device   `json:"devices"`
		Groups  map[string][]string `json:"groups"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		panic(err)
	}
	output := map[string][]judgement{}
	for group, expressions := range input.Groups {
		for _, expression := range expressions {
			output[group] = append(output[group], judge(expression, input.Devices))
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(output); err != nil {
		panic(err)
	}
}

func judge(expression string, devices map[string]device) judgement {
	result := judgement{Expression: expression}
	if len(expression) > resourceapi.CELSelectorExpressionMaxLength {
		result.Refused = "Too long"
		return result
	}
	// The API server compiles what is new in the environment of the version before, the scheduler what is stored in its own.
	newExpressions := environment.NewExpressions
	admitted, crash := compile(expression, cel.Options{EnvType: &newExpressions})
	switch {
	case crash != nil:
		result.Refused = fmt.Sprintf("panic: %v", crash)
		return result
	case admitted.Error != nil:
		result.Refused = admitted.Error.Error()
		return result
	case admitted.MaxCost > resourceapi.CELSelectorExpressionMaxCost:
		result.Refused = "too complex, exceeds cost limit"
		return result
	}
	result.Cost = admitted.MaxCost
	stored, _ := compile(expression, cel.Options{DisableCostEstimation: true})
	result.Verdicts = map[string]string{}
	for name, d := range devices {
		result.Verdicts[name] = verdict(stored, cel.Device{Driver: d.Driver, Attributes: d.Attributes, Capacity: d.Capacity})
	}
	return result
}

// The validation of optional list elements in cel-go 0.26 panics where their type is unknown; an API server answers such a request with an error.
func compile(expression string, options cel.Options) (result cel.CompilationResult, crash any) {
	defer func() { crash = recover() }()
	return cel.GetCompiler(cel.Features{}).CompileCELExpression(expression, options), nil
}

// Go goes through maps in random order, on which the verdict on an expression over all attributes of a device can depend.
// Such an expression proves nothing and does not belong here, so every device is asked a few times.
func verdict(compiled cel.CompilationResult, d cel.Device) string {
	var verdicts []string
	for range 8 {
		match, _, err := compiled.DeviceMatches(context.Background(), d)
		switch {
		case err != nil:
			verdicts = append(verdicts, "error: "+err.Error())
		case match:
			verdicts = append(verdicts, "match")
		default:
			verdicts = append(verdicts, "noMatch")
		}
	}
	if slices.ContainsFunc(verdicts, func(v string) bool { return v != verdicts[0] }) {
		return "random"
	}
	return verdicts[0]
}
