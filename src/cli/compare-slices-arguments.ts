import { UserError } from "../rehearsal/files";
import { readOptions } from "./options";

export const HELP = `Compares the slices that real nodes have published with what this project says that such nodes publish.

  kubectl get resourceslices -o yaml > slices.yaml
  npm run compare-slices -- slices.yaml

A file is YAML or JSON, with one slice, a list or several documents; - is the standard input. You can name several files,
each of one cluster. Slices of other drivers are left out. The output names no node, UUID, PCI address or account, so that it can go into a report as it is.

Options
  --json    print the result as JSON (format 1) and nothing else
  --help    print this

Exit codes
  0  every node publishes what the model says
  1  a node publishes something else
  2  cannot tell: wrong command line or file, or a node with a GPU or a driver that this project does not know
`;

export interface Arguments {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws UserError for what is not to be understood. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  if (positionals.length === 0 && !values.help) {
    throw new UserError("name a file with slices, or - for the standard input; --help says how to write one");
  }
  return { files: positionals, json: values.json, help: values.help };
}

function parse(argv: readonly string[]) {
  return readOptions({
    args: [...argv],
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
}
