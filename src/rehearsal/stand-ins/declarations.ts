/**
 * What the arguments and outputs of a resource are, read from the installed SDK's own declarations: they are made from the provider's schema, and there is
 * no copy of it here that could go stale.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type ts from "typescript";
import { packageOf } from "../monitor/urn";

/** What a value has to be. */
export type Kind =
  | { readonly type: "string" | "number" | "boolean" | "any" }
  | { readonly type: "list"; readonly item: Kind }
  | { readonly type: "map"; readonly item: Kind }
  | { readonly type: "object"; readonly fields: () => Fields };

export interface Field {
  /** Of an output: it has a value as soon as the resource exists. */
  readonly required: boolean;
  readonly kind: Kind;
}

export type Fields = ReadonlyMap<string, Field>;

export interface Declaration {
  readonly arguments: Fields;
  readonly outputs: Fields;
}

const ANY: Kind = { type: "any" };

const sdks = new Map<string, Sdk>();

/** The declaration of a type such as `aws:eks/nodeGroup:NodeGroup`; undefined for one that the package's SDK does not have. */
export function declarationOf(type: string): Declaration | undefined {
  const name = packageOf(type);
  const sdk = sdks.get(name) ?? new Sdk(dirname(require.resolve(`@pulumi/${name}/package.json`)));
  sdks.set(name, sdk);
  return sdk.declarationOf(type);
}

/** The declarations of one package. */
class Sdk {
  /** It takes a third of a second to load, and only previews and tests ask for declarations. */
  private readonly ts = createRequire(__filename)("typescript") as typeof ts;
  private readonly declarations = new Map<string, Declaration | undefined>();
  private readonly texts = new Map<string, string>();
  private readonly namespaces = new Map<string, ReadonlyMap<string, ts.InterfaceDeclaration>>();
  private readonly nested = new Map<string, Fields>();

  constructor(private readonly folder: string) {}

  declarationOf(type: string): Declaration | undefined {
    if (!this.declarations.has(type)) {
      this.declarations.set(type, this.readDeclaration(type));
    }
    return this.declarations.get(type);
  }

  private readDeclaration(type: string): Declaration | undefined {
    const [, module = "", name = ""] = type.split(":");
    const path = join(this.folder, `${module.replace(/^index\//, "")}.d.ts`);
    if (!existsSync(path)) {
      return undefined;
    }
    const { statements } = this.parse(readFileSync(path, "utf8"));
    const args = statements.filter(this.ts.isInterfaceDeclaration).find((node) => node.name.text === `${name}Args`);
    const resource = statements.filter(this.ts.isClassDeclaration).find((node) => node.name?.text === name);
    return { arguments: this.fieldsOf(args?.members ?? []), outputs: new Map(resource === undefined ? [] : this.outputsOf(resource)) };
  }

  private parse(text: string): ts.SourceFile {
    const { ScriptTarget, JSDocParsingMode } = this.ts;
    // Most of an SDK's text is comments.
    return this.ts.createSourceFile("declarations.d.ts", text, {
      languageVersion: ScriptTarget.ES2022,
      jsDocParsingMode: JSDocParsingMode.ParseNone,
    });
  }

  /** `readonly arn: pulumi.Output<string>`. What can be left out, and is not computed, is an output of `X | undefined`. */
  private *outputsOf(resource: ts.ClassDeclaration): Iterable<readonly [string, Field]> {
    const { ts } = this;
    for (const member of resource.members.filter(ts.isPropertyDeclaration)) {
      const isStatic = ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
      if (isStatic || member.type === undefined || !ts.isTypeReferenceNode(member.type)) {
        continue;
      }
      const [inner] = member.type.typeArguments ?? [];
      if (inner !== undefined) {
        const required = !this.unionOf(inner).some((part) => this.isUndefined(part));
        yield [this.nameOf(member.name), { required, kind: this.kindOf(inner) }];
      }
    }
  }

  private fieldsOf(members: Iterable<ts.TypeElement>): Fields {
    return new Map(
      [...members].filter(this.ts.isPropertySignature).map((member) => {
        const field = { required: member.questionToken === undefined, kind: member.type === undefined ? ANY : this.kindOf(member.type) };
        return [this.nameOf(member.name), field];
      }),
    );
  }

  private kindOf(node: ts.TypeNode): Kind {
    const { ts } = this;
    if (ts.isUnionTypeNode(node)) {
      const kinds = this.unionOf(node)
        .filter((part) => !this.isUndefined(part))
        .map((part) => this.kindOf(part));
      const [first = ANY] = kinds;
      return kinds.every((kind) => kind.type === first.type) ? first : ANY;
    }
    if (ts.isArrayTypeNode(node)) {
      return { type: "list", item: this.kindOf(node.elementType) };
    }
    if (ts.isTypeLiteralNode(node)) {
      const [signature] = node.members.filter(ts.isIndexSignatureDeclaration);
      return signature === undefined ? ANY : { type: "map", item: this.kindOf(signature.type) };
    }
    if (ts.isTypeReferenceNode(node)) {
      return this.referenced(node);
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

  /** `pulumi.Input<X>` is X, `inputs.eks.X` and `outputs.eks.X` are objects. Enumerations, ARNs and other resources may be written in several ways. */
  private referenced(node: ts.TypeReferenceNode): Kind {
    const path = this.entityPath(node.typeName);
    const [argument] = node.typeArguments ?? [];
    if (path.at(-1) === "Input" && argument !== undefined) {
      return this.kindOf(argument);
    }
    const [root, namespace, name] = path;
    return (root === "inputs" || root === "outputs") && namespace !== undefined && name !== undefined
      ? { type: "object", fields: () => this.nestedFields(root, namespace, name) }
      : ANY;
  }

  private nestedFields(root: "inputs" | "outputs", namespace: string, name: string): Fields {
    const key = `${root}.${namespace}.${name}`;
    const known = this.nested.get(key);
    if (known !== undefined) {
      return known;
    }
    const fields = this.fieldsOf(this.interfacesOf(root, namespace).get(name)?.members ?? []);
    this.nested.set(key, fields);
    return fields;
  }

  /** The interfaces of one namespace of types/input.d.ts or types/output.d.ts. Each file of aws has 5.7 MB: only the namespace's lines are parsed. */
  private interfacesOf(root: "inputs" | "outputs", namespace: string): ReadonlyMap<string, ts.InterfaceDeclaration> {
    const known = this.namespaces.get(`${root}.${namespace}`);
    if (known !== undefined) {
      return known;
    }
    const text = this.texts.get(root) ?? readFileSync(join(this.folder, "types", `${root.slice(0, -1)}.d.ts`), "utf8");
    this.texts.set(root, text);
    const head = `\nexport declare namespace ${namespace} {\n`;
    const start = text.indexOf(head);
    if (start < 0) {
      throw new Error(`${this.folder} declares no ${root}.${namespace}`);
    }
    const { statements } = this.parse(text.slice(start + head.length, text.indexOf("\n}\n", start)));
    const interfaces = new Map(statements.filter(this.ts.isInterfaceDeclaration).map((node) => [node.name.text, node]));
    this.namespaces.set(`${root}.${namespace}`, interfaces);
    return interfaces;
  }

  private unionOf(node: ts.TypeNode): readonly ts.TypeNode[] {
    return this.ts.isUnionTypeNode(node) ? node.types : [node];
  }

  private isUndefined(node: ts.TypeNode): boolean {
    return node.kind === this.ts.SyntaxKind.UndefinedKeyword;
  }

  private nameOf(name: ts.PropertyName): string {
    return this.ts.isIdentifier(name) || this.ts.isStringLiteral(name) ? name.text : "";
  }

  private entityPath(name: ts.EntityName): readonly string[] {
    return this.ts.isIdentifier(name) ? [name.text] : [...this.entityPath(name.left), name.right.text];
  }
}
