/** Which path an API server serves a kind under. */

/** What of an object decides where it is served. */
export interface Served {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: unknown };
}
interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The API server has the group version, and no such kind in it. */
export class NotServedError extends Error {
  override readonly name = "NotServedError";
}

export class Discovery {
  private readonly groups = new Map<string, readonly Resource[]>();

  constructor(private readonly get: (path: string) => Promise<{ readonly resources?: readonly Resource[] }>) {}

  /** `/apis/apps/v1/namespaces/a/deployments`. @throws NotServedError for a kind that the server does not serve. */
  async collection({ apiVersion, kind, metadata }: Served): Promise<string> {
    const root = `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}`;
    // A custom resource may have come since the group was last asked for.
    const resource = this.known(root, kind) ?? (await this.ask(root, kind));
    if (resource === undefined) {
      throw new NotServedError(`the API server serves no ${kind} of ${apiVersion}`);
    }
    const { name, namespaced } = resource;
    return namespaced ? `${root}/namespaces/${String(metadata.namespace ?? "default")}/${name}` : `${root}/${name}`;
  }

  private known(root: string, kind: string): Resource | undefined {
    return this.groups.get(root)?.find((resource) => resource.kind === kind && !resource.name.includes("/"));
  }

  private async ask(root: string, kind: string): Promise<Resource | undefined> {
    const { resources = [] } = await this.get(root);
    this.groups.set(root, resources);
    return this.known(root, kind);
  }
}
