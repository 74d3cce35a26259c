/** Where the rehearsal and an API server differ over an object, and why it stays so. */

export interface KnownDifference {
  /** Of "Kind: only ours: problems", or "Kind: only theirs: message". */
  readonly pattern: RegExp;
  readonly why: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    pattern: /only ours: .*constraints\[\d+\]: exactly one of "matchAttribute" and "distinctAttribute"/,
    why: "the API server drops distinctAttribute while DRAConsumableCapacity is off, and never looks at it",
  },
  {
    pattern: /^ResourceClaim(?:Template)?: only ours: .*tolerations\[\d+\]/,
    why: "some versions drop tolerations while DRADeviceTaints is off, and never look at them. The policy pack denies them on every version",
  },
  { pattern: /only theirs: .*adminAccess: Forbidden: admin access to devices requires/, why: "depends on the label of the namespace" },
  {
    pattern: /^(?!Pod).*only ours: .*image: " ": must not begin or end with white space/,
    why: "the API server looks at white space in the image of a pod, not of a template: the pods of such a template are refused",
  },
  {
    pattern: /only ours: .*(?:binaryData|data)\.[^:]*: \[\]: must be a string/,
    why: "Go reads an empty list of bytes, which nobody writes",
  },
  { pattern: /PersistentVolumeClaim: only ours: .*dataSource(?:Ref)?\.kind/, why: "the API server drops a source that it does not know" },
  {
    pattern: /only ours: .*only one of .*(?:image|fileKeyRef|clusterTrustBundle).* is allowed/,
    why: "the API server drops fields of features that are off before it counts sources",
  },
  {
    pattern: /only ours: metadata\.generation: -/,
    why: "the API server writes its own number into objects of most kinds before it looks at it",
  },
  { pattern: /only ours: .*lifecycle\.stopSignal: .*must be one of/, why: "the API server drops it while ContainerStopSignals is off" },
  {
    pattern: /^ReplicationController: only ours: metadata\.generateName: /,
    why: "from 1.35 on the API server does not look at it where there is a name, which counts",
  },
  { pattern: /PodDisruptionBudget: only ours: metadata\.finalizers/, why: "the API server does not look at the finalizers of this kind" },
  {
    pattern: /only ours: .*matchAttribute: .*must be an attribute with its domain/,
    why: "the API server takes names with more than one slash, which no device has",
  },
  {
    pattern: /Job: only theirs: the API server ends the connection/,
    why: "Kubernetes 1.34.4 panics at an Indexed Job with maxFailedIndexes and without completions",
  },
  { pattern: /LimitRange: only ours: metadata\.name: required/, why: "the API server makes up a name; kubectl apply wants one" },
  { pattern: /StatefulSet: only ours: spec\.volumeClaimTemplates\[\d+\]\.status/, why: "the API server drops the status" },
  {
    pattern: /only theirs: .*(?:Unsupported value: ""|Invalid value: ""|(?:preemptionPolicy|managedBy): Required value)/,
    why: "an empty text that somebody wrote out, which counts as not set here",
  },
  { pattern: /only ours: metadata\.resourceVersion: /, why: "a dry run stores nothing, and the API server looks at it when it stores" },
  { pattern: /only ours: .*(?:dataSource|managedFields)/, why: "the API server drops what it does not know there" },
  {
    pattern: /^(?!Pod).*only ours: spec\.template\.(?:spec\.(?:hostname|subdomain|nodeName)|metadata\.annotations\[[^\]]*seccomp)/,
    why: "the API server looks at it in a pod, not in a template: the pods of such a template are refused",
  },
];
