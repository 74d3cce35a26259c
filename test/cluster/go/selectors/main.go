// Says what Kubernetes makes of selectors: the first line of standard input is a JSON list of devices, each line behind it a JSON string with an expression.
// For each expression it writes a line: "refused", or for each device m (match), n (no match) or e (error).
// The version of Kubernetes is that of go.mod: another version is another folder with this file.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"

	resourceapi "k8s.io/api/resource/v1"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/dynamic-resource-allocation/cel"
)

type device struct {
	Driver     string                                                    `json:"driver"`
	Attributes map[resourceapi.QualifiedName]resourceapi.DeviceAttribute `json:"attributes"`
	Capacity   map[resourceapi.QualifiedName]resourceapi.DeviceCapacity  `json:"capacity"`
}

// Expressions that are compiled at the same time.
const batch = 1024

func main() {
	// Compiling makes much garbage, and there is memory enough.
	debug.SetGCPercent(800)
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriterSize(os.Stdout, 1<<20)
	var devices []device
	if !read(input, &devices) {
		panic("the first line is a list of devices")
	}
	for {
		expressions := make([]string, 0, batch)
		for len(expressions) < batch {
			var expression string
			if !read(input, &expression) {
				break
			}
			expressions = append(expressions, expression)
		}
		if len(expressions) == 0 {
			break
		}
		for _, verdict := range judgeAll(expressions, devices) {
			output.WriteString(verdict + "\n")
		}
	}
	if err := output.Flush(); err != nil {
		panic(err)
	}
}

func read(input *bufio.Reader, value any) bool {
	line, err := input.ReadBytes('\n')
	if err == io.EOF && len(line) == 0 {
		return false
	}
	if err != nil && err != io.EOF {
		panic(err)
	}
	if err := json.Unmarshal(line, value); err != nil {
		panic(err)
	}
	return true
}

func judgeAll(expressions []string, devices []device) []string {
	verdicts := make([]string, len(expressions))
	var workers sync.WaitGroup
	for worker := range runtime.NumCPU() {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for index := worker; index < len(expressions); index += runtime.NumCPU() {
				verdicts[index] = judge(expressions[index], devices)
			}
		}()
	}
	workers.Wait()
	return verdicts
}

func judge(expression string, devices []device) string {
	// The API server compiles what is new in the environment of the version before, the scheduler what is stored in its own.
	newExpressions := environment.NewExpressions
	admitted := cel.GetCompiler(cel.Features{}).CompileCELExpression(expression, cel.Options{EnvType: &newExpressions})
	if len(expression) > resourceapi.CELSelectorExpressionMaxLength || admitted.Error != nil || admitted.MaxCost > resourceapi.CELSelectorExpressionMaxCost {
		return "refused"
	}
	stored := cel.GetCompiler(cel.Features{}).CompileCELExpression(expression, cel.Options{DisableCostEstimation: true})
	verdicts := make([]byte, len(devices))
	for index, d := range devices {
		match, _, err := stored.DeviceMatches(context.Background(), cel.Device{Driver: d.Driver, Attributes: d.Attributes, Capacity: d.Capacity})
		switch {
		case err != nil:
			verdicts[index] = 'e'
		case match:
			verdicts[index] = 'm'
		default:
			verdicts[index] = 'n'
		}
	}
	return string(verdicts)
}
