/**
 * A mutator that Stryker lacks: a list that has everything in it. `allowed.includes(name)` becomes `true`, and a bad case must pass then, or a good case must fail
 * if the list is one of what is refused. (Lists that lose one entry or all of them are Stryker's own.)
 *
 * Stryker has no setting for mutators of a project, so this adds one to its table. Another version may have the table elsewhere: the run then ends with an error.
 */
const { allMutators } = await import("../../node_modules/@stryker-mutator/instrumenter/dist/src/mutators/mutate.js");

allMutators.push({
  name: "WidenedList",
  *mutate(path) {
    if (path.isCallExpression() || path.isOptionalCallExpression()) {
      const { property } = path.node.callee;
      if (property?.name === "includes" || property?.name === "has") {
        yield { type: "BooleanLiteral", value: true };
      }
    }
  },
});
