/**
 * What is created in a cluster of somebody else, to be removed at the end (`control-plane/removal.ts`). A name stays noted when its creator has
 * deleted what it stood for: that may take its time to go, and may come back.
 */
export class Created {
  private readonly byCollection = new Map<string, Set<string>>();

  /** @param collection `/api/v1/namespaces/a/pods` */
  note(collection: string, name: string): void {
    const names = this.byCollection.get(collection) ?? new Set();
    this.byCollection.set(collection, names.add(name));
  }

  has(collection: string, name: string): boolean {
    return this.names(collection).has(name);
  }

  names(collection: string): ReadonlySet<string> {
    return this.byCollection.get(collection) ?? new Set();
  }

  collections(): readonly string[] {
    return [...this.byCollection.keys()];
  }
}
