/** What the benchmarks of the planner ask of a large cluster. */
export const NODES = 1000;

/** A demand that fits, and three that do not: for the first there are claims to delete, for the second layouts to change, too, and the third is for more than the cluster has. */
export const QUESTIONS: readonly (readonly string[])[] = [
  ["--status"],
  ["--ask", "3x2g.10gb,1xlarge"],
  ["--ask", "3x1g.5gb"],
  ["--ask", "3x1g.5gb,1x7g.40gb"],
  ["--ask", "10000xmedium"],
];
