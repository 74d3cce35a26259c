/**
 * What the arguments and outputs of an AWS resource are, read from the installed SDK's own declarations: the stand-in refuses
 * what the real provider's schema would refuse, without a copy of that schema that could go stale.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** What a value has to be. */
export type Kind =
  | { readonly type: "string" | "number" | "boolean" | "any" }
  | { readonly type: "list"; readonly item: Kind }
  | { readonly type: "map"; readonly item: Kind }
  | { readonly type: "object"; readonly fields: () => Fields };

export interface Field {
  readonly required: boolean;
  readonly kind: Kind;
}

export type Fields = ReadonlyMap<string, Field>;

export interface Declaration {
  readonly arguments: Fields;
  /** Outputs that always have a value once the resource exists. */
  readonly outputs: ReadonlyMap<string, Kind>;
}

const ANY: Kind = { type: "any" };
const FOLDER = dirname(require.resolve("@pulumi/aws/package.json"));

const declarations = new Map<string, Declaration | undefined>();

/** The declaration of a type such as `aws:eks/nodeGroup:NodeGroup`; undefined for one that the SDK does not have. */
export function declarationOf(type: string): Declaration | undefined {
  if (!declarations.has(type)) {
    declarations.set(type, readDeclaration(type));
  }
  return declarations.get(type);
}

function readDeclaration(type: string): Declaration | undefined {
  const [, module = "", name = ""] = type.split(":");
  const path = join(FOLDER, `${module.replace(/^index\//, "")}.d.ts`);
  if (!existsSync(path)) {
    return undefined;
  }
  const source = parse(readFileSync(path, "utf8"));
  const args = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === `${name}Args`);
  const resource = source.statements.find((node) => ts.isClassDeclaration(node) && node.name?.text === name);
  return {
    arguments: args === undefined ? new Map() : fieldsOf((args as ts.InterfaceDeclaration).members),
    outputs: new Map(resource === undefined ? [] : alwaysSet(resource as ts.ClassDeclaration)),
  };
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.ES2022);
}

function* alwaysSet(resource: ts.ClassDeclaration): Iterable<readonly [string, Kind]> {
  for (const member of resource.members) {
    const isStatic = ts.getModifiers(member as ts.PropertyDeclaration)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
    if (!ts.isPropertyDeclaration(member) || isStatic || member.type === undefined || !ts.isTypeReferenceNode(member.type)) {
      continue;
    }
    const [inner] = member.type.typeArguments ?? [];
    if (inner !== undefined && !unionOf(inner).some(isUndefined)) {
      yield [nameOf(member.name), kindOf(inner)];
    }
  }
}

function fieldsOf(members: readonly ts.TypeElement[]): Fields {
  return new Map(
    members.filter(ts.isPropertySignature).map((member) => {
      const field = { required: member.questionToken === undefined, kind: member.type === undefined ? ANY : kindOf(member.type) };
      return [nameOf(member.name), field];
    }),
  );
}

function kindOf(node: ts.TypeNode): Kind {
  if (ts.isUnionTypeNode(node)) {
    const kinds = unionOf(node)
      .filter((part) => !isUndefined(part))
      .map(kindOf);
    const [first = ANY] = kinds;
    return kinds.every((kind) => kind.type === first.type) ? first : ANY;
  }
  if (ts.isArrayTypeNode(node)) {
    return { type: "list", item: kindOf(node.elementType) };
  }
  if (ts.isTypeLiteralNode(node)) {
    const [signature] = node.members.filter(ts.isIndexSignatureDeclaration);
    return signature === undefined ? ANY : { type: "map", item: kindOf(signature.type) };
  }
  if (ts.isTypeReferenceNode(node)) {
    return referenced(node);
  }
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return { type: "string" };
    case ts.SyntaxKind.NumberKeyword:
      return { type: "number" };
    case ts.SyntaxKind.BooleanKeyword:
      return { type: "boolean" };
    default:
      return ANY;
  }
}

/** `pulumi.Input<X>` is X, `inputs.eks.X` an object. Enumerations, ARNs and other resources may be written in several ways. */
function referenced(node: ts.TypeReferenceNode): Kind {
  const path = entityPath(node.typeName);
  const [argument] = node.typeArguments ?? [];
  if (path.at(-1) === "Input" && argument !== undefined) {
    return kindOf(argument);
  }
  const [root, namespace, name] = path;
  return root === "inputs" && namespace !== undefined && name !== undefined
    ? { type: "object", fields: () => nestedFields(namespace, name) }
    : ANY;
}

const namespaces = new Map<string, ReadonlyMap<string, ts.InterfaceDeclaration>>();
const nested = new Map<string, Fields>();

function nestedFields(namespace: string, name: string): Fields {
  const key = `${namespace}.${name}`;
  const known = nested.get(key);
  if (known !== undefined) {
    return known;
  }
  const interfaces = namespaces.get(namespace) ?? interfacesOf(namespace);
  namespaces.set(namespace, interfaces);
  const fields = fieldsOf(interfaces.get(name)?.members ?? []);
  nested.set(key, fields);
  return fields;
}

let inputsText: string | undefined;

/** The interfaces of one namespace of types/input.d.ts. The file has 5.7 MB: only the namespace's lines are parsed. */
function interfacesOf(namespace: string): ReadonlyMap<string, ts.InterfaceDeclaration> {
  inputsText ??= readFileSync(join(FOLDER, "types/input.d.ts"), "utf8");
  const head = `\nexport declare namespace ${namespace} {\n`;
  const start = inputsText.indexOf(head);
  if (start < 0) {
    throw new Error(`@pulumi/aws declares no inputs.${namespace}`);
  }
  const end = inputsText.indexOf("\n}\n", start);
  const source = parse(inputsText.slice(start + head.length, end));
  return new Map(source.statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node]));
}

function unionOf(node: ts.TypeNode): readonly ts.TypeNode[] {
  return ts.isUnionTypeNode(node) ? node.types : [node];
}

function isUndefined(node: ts.TypeNode): boolean {
  return node.kind === ts.SyntaxKind.UndefinedKeyword;
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : "";
}

function entityPath(name: ts.EntityName): readonly string[] {
  return ts.isIdentifier(name) ? [name.text] : [...entityPath(name.left), name.right.text];
}
