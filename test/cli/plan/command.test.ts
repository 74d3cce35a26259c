/** What the command line of `npm run plan` asks for. */
import { HELP, readPlanArguments } from "../../../src/cli/plan/arguments";

test.each<[readonly string[], RegExp]>([
  [[], /ask one question/],
  [["--status", "--ask", "small"], /ask one question/],
  [["--status", "--team", "a"], /--team is an option of --ask: leave it out of --status/],
  [["--design", "small", "--context", "a"], /--context is an option of --status, --ask and --what-if/],
  [["--replay", "a.csv"], /--replay needs a fleet: write --fleet 9xp4d\.24xlarge/],
  [["--replay", "a.csv", "--fleet", "9xp4d.24xlarg"], /did you mean "p4d\.24xlarge"/],
  [["--replay", "a.csv", "--fleet", "1xp4d.24xlarge", "--stack", "dev"], /--stack is an option of --status, --ask and --what-if/],
  [["--status", "--fleet", "1xp4d.24xlarge"], /--fleet is an option of --replay/],
  [["--status", "--pool", "a"], /--pool is an option of --what-if/],
  [["--what-if", "nodes=1"], /write nodes=\+1 for one more node/],
  [["--what-if", "nodes=+0"], /write nodes=\+1/],
  [["--what-if", "drain=a", "--pool", "b"], /--pool belongs to layout= and nodes=/],
  [["--what-if", "reboot=a"], /write layout=NAME, nodes=\+1, nodes=-1, drain=NODE or team=NAME/],
  [["--what-if", "layout="], /write layout=NAME/],
  [["--ask", "small", "--spare", "1"], /--spare is an option of --design/],
  [["--ask", "small", "--design", "small"], /ask one question/],
  [["--design", "2x1g.7gb"], /--design 2x1g\.7gb: "1g\.7gb" is neither/],
  [["--design", "small", "--instance-types", "p4d.24xlarg"], /did you mean "p4d\.24xlarge"/],
  [["--design", "small", "--instance-types", "g6.xlarge"], /"g6\.xlarge" cannot be divided: the L4/],
  [["--design", "small", "--instance-types", "m6i.large"], /"m6i\.large" has no GPU/],
  [["--design", "small", "--region", "us-east"], /did you mean "us-east-1"/],
  [["--design", "small", "--price", "p4d.24xlarge"], /such as p5\.4xlarge=3\.50/],
  [["--design", "small", "--price", "p4d.24xlarge=0"], /above 0/],
  [["--design", "small", "--price", "p4d.24xlarge=1,p4d.24xlarge=2"], /has two prices/],
  [["--design", "small", "--price", "p4d.24xlarge=1", "--instance-types", "p5.4xlarge"], /not one of the instance types to compare/],
  [["--design", "small", "--spread", "us-east-1a"], /two or more different zones/],
  [["--design", "small", "--spread", "us-east-1a,us-east-1a"], /two or more different zones/],
  [["--design", "small", "--spread", "us-east-1a,us-west-2a"], /--spread us-west-2a: not an availability zone of us-east-1/],
  [["--design", "small", "--spare", "-1"], /--help lists the options|from 0 to 99/],
  [["--design", "small", "--spare", "1.5"], /from 0 to 99/],
  [["--ask", "small", "--together", "--apart"], /write one of them/],
  [["--ask", "gpu", "--together"], /leave gpu out/],
  [["--ask", "2x1g.7gb"], /"1g\.7gb" is neither/],
  [["--ask", "3xlagre"], /did you mean "large"/],
  [["--status", "--from", "a", "--context", "b"], /--context and --from are different sources/],
  [["--status", "extra"], /--help lists the options/],
])("%j is refused", (argv, message) => {
  expect(() => readPlanArguments(argv)).toThrow(message);
});

test("--help lists every option", () => {
  expect(readPlanArguments(["--help"])).toEqual({ type: "help" });
  for (const option of [
    "status",
    "ask",
    "team",
    "together",
    "apart",
    "what-if",
    "pool",
    "replay",
    "fleet",
    "design",
    "instance-types",
    "region",
    "price",
    "spread",
    "spare",
    "stack",
    "context",
    "from",
    "save",
    "html",
    "json",
    "help",
  ]) {
    expect(HELP).toContain(`--${option}`);
  }
});
