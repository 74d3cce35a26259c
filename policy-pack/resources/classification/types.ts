/** What the pack knows about a resource. */
export type Classification =
  /** Policies judge it. `by` names them. */
  | { readonly type: "understood"; readonly by: readonly string[] }
  /** It has no effect on GPUs, on rights and on other tenants. */
  | { readonly type: "harmless"; readonly because: string }
  /** Nothing judges it. `why` and `instead` are sentences without a full stop. */
  | { readonly type: "unknown"; readonly why: string; readonly instead: string };

/** Something to classify and the type token by which it can be admitted. */
export interface Classified {
  readonly type: string;
  /** What messages call it: the kind of an object, the type of any other resource. */
  readonly title: string;
  readonly classification: Classification;
}
