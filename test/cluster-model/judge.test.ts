/** What becomes of manifests' objects: the API server's judgement, Pod Security, missing references, and an outcome for each. */
import { parseAllDocuments } from "yaml";
import { judgeAndSimulate } from "../../src/cluster/judgement/judge";
import { toObject } from "../../src/cluster/objects";
import type { ClusterObject, JsonObject } from "../../src/cluster/objects";
import { defaultRelease } from "../../src/releases/find";

const STACK = `
apiVersion: v1
kind: Namespace
metadata: { name: team, labels: { pod-security.kubernetes.io/enforce: restricted } }
---
apiVersion: v1
kind: Namespace
metadata: { name: free }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: gp3, annotations: { storageclass.kubernetes.io/is-default-class: "true" } }
provisioner: ebs.csi.aws.com
`;

const objectsIn = (yaml: string, origin: ClusterObject["origin"]) =>
  parseAllDocuments(yaml, { merge: true }).map((document) => toObject(document.toJS() as JsonObject, origin, "free"));

function judge(yaml: string) {
  const stack = objectsIn(STACK, { type: "stack", urn: "" });
  const own = objectsIn(yaml, { type: "manifest", file: "m.yaml", line: 1 });
  const { problems, warnings, pods, outcomes } = judgeAndSimulate([], [], [...stack, ...own], defaultRelease());
  return {
    problems: problems.map(({ message }) => message),
    warnings: warnings.map(({ message }) => message),
    reasons: pods.map((outcome) => (outcome.type === "pending" ? outcome.reason : "placed")),
    outcomes: outcomes.map(({ outcome }) => outcome.type),
  };
}

const pod = (more: string, metadata = "name: p") =>
  `{ apiVersion: v1, kind: Pod, metadata: { ${metadata} }, spec: { containers: [{ name: a, image: b }], ${more} } }`;

const cron = (spec: string) =>
  `{ apiVersion: batch/v1, kind: CronJob, metadata: { name: c }, spec: { ${spec} schedule: "0 3 * * *", jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } } } } } }`;

const job = (spec: string, name = "j") =>
  `{ apiVersion: batch/v1, kind: Job, metadata: { name: ${name} }, spec: { ${spec} template: { spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } } } }`;

describe("kinds and versions that the API server does not serve are refused, with the nearest that it does", () => {
  test.each([
    ["resource.k8s.io/v1beta1", "ResourceClaim", "did you mean resource.k8s.io/v1 ResourceClaim?"],
    ["batch/v1beta1", "CronJob", "did you mean batch/v1 CronJob?"],
    ["extensions/v1beta1", "Deployment", "did you mean apps/v1 Deployment?"],
    ["app/v1", "Deployment", "did you mean apps/v1 Deployment?"],
    ["v1", "Job", "did you mean batch/v1 Job?"],
    ["apps/v1", "deployment", "did you mean apps/v1 Deployment?"],
    ["autoscaling/v2beta2", "HorizontalPodAutoscaler", "did you mean autoscaling/v2 HorizontalPodAutoscaler?"],
    ["policy/v1beta1", "PodSecurityPolicy", 'no matches for kind "PodSecurityPolicy" in version "policy/v1beta1"'],
    ["constructor/v1", "toString", 'no matches for kind "toString" in version "constructor/v1"'],
  ])("%s %s", (apiVersion, kind, message) => {
    const { problems, outcomes } = judge(`{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: a } }`);
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(outcomes).toEqual(["refused"]);
  });
});

describe("objects that the API server refuses", () => {
  test.each([
    ["a name that is a number", pod("", "name: 123"), "metadata.name: 123: must be a string"],
    ["a bad name", pod("", "name: Bad_Name"), 'metadata.name: "Bad_Name": must be a DNS subdomain'],
    ["no name", pod("", ""), "metadata.name: required"],
    [
      "a whole /proc with the users of the node",
      "{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: b, securityContext: { procMount: Unmasked } }] } }",
      'spec.containers[0].securityContext.procMount: "Unmasked": requires hostUsers: false in the pod\'s spec',
    ],
    [
      "a limit of a type without a domain",
      "{ apiVersion: v1, kind: LimitRange, metadata: { name: l }, spec: { limits: [{ type: /a, max: { cpu: 1 } }] } }",
      'spec.limits[0].type: "/a": must be one of Container, Pod, PersistentVolumeClaim',
    ],
    [
      "a node by a name that no node has",
      pod(
        "affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: metadata.name, operator: In, values: [Node_1] }] }] } } }",
      ),
      'matchFields[0].values[0]: "Node_1": must be a DNS subdomain',
    ],
    ["no metadata", "{ apiVersion: v1, kind: ConfigMap }", "metadata.name: required"],
    [
      "a node beside a gate",
      pod("nodeName: n, schedulingGates: [{ name: example.com/g }]"),
      'spec.nodeName: "n": not allowed beside schedulingGates',
    ],
    [
      "a claim template whose name is no volume's",
      "{ apiVersion: apps/v1, kind: StatefulSet, metadata: { name: s }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: b }] } }, volumeClaimTemplates: [{ metadata: { name: Data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }] } }",
      'spec.volumeClaimTemplates[0].metadata.name: "Data": must be a DNS label',
    ],
    [
      "a Service of ports that say nothing",
      "{ apiVersion: v1, kind: Service, metadata: { name: s }, spec: { ports: [{ name: a }, { name: b }] } }",
      "spec.ports[0].port",
    ],
    [
      "a lease of no time",
      "{ apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: { name: l }, spec: { leaseDurationSeconds: 0 } }",
      "spec.leaseDurationSeconds: 0: must be at least 1",
    ],
    [
      "a controller of Ingresses without a domain",
      "{ apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: i }, spec: { controller: nginx } }",
      'spec.controller: "nginx": must be a domain and a path',
    ],
    [
      "parameters of Ingresses in a namespace that only one scope has",
      "{ apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: i }, spec: { controller: a.b/c, parameters: { kind: K, name: n, namespace: x } } }",
      'spec.parameters.namespace: "x": requires scope "Namespace"',
    ],
    [
      "a way to change labels of SELinux that there is not",
      pod("securityContext: { seLinuxChangePolicy: a }"),
      'spec.securityContext.seLinuxChangePolicy: "a": must be one of Recursive, MountOption',
    ],
    [
      "a custom resource without a name",
      "{ apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {} }",
      "metadata.name: required",
    ],
    [
      "fields of Linux in a pod of Windows",
      pod("os: { name: windows }, securityContext: { runAsUser: 1000 }"),
      "spec.securityContext.runAsUser: not allowed beside os windows",
    ],
    [
      "fields of Linux in a container of Windows",
      "{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { os: { name: windows }, initContainers: [{ name: i, image: b, securityContext: { capabilities: { drop: [ALL] } } }], containers: [{ name: a, image: b }] } }",
      "spec.initContainers[0].securityContext.capabilities: not allowed beside os windows",
    ],
    [
      "resources of a pod of Windows as a whole",
      pod("os: { name: windows }, resources: { requests: { cpu: 1 } }"),
      "spec.resources: not allowed beside os windows",
    ],
    [
      "a token of a service account outside its volume",
      pod("volumes: [{ name: v, projected: { sources: [{ serviceAccountToken: { path: ../a } }] } }]"),
      "spec.volumes[0].projected.sources[0].serviceAccountToken.path: \"../a\": must not begin with '..'",
    ],
    [
      "a secret without a name for a CSI driver",
      pod("volumes: [{ name: v, csi: { driver: a.b, nodePublishSecretRef: {} } }]"),
      "spec.volumes[0].csi.nodePublishSecretRef.name: required",
    ],
    [
      "a key of a spread that is no key of a label",
      pod(
        "topologySpreadConstraints: [{ maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {}, matchLabelKeys: ['0%'] }]",
      ),
      'spec.topologySpreadConstraints[0].matchLabelKeys[0]: "0%": ',
    ],
    [
      "a request of a device that is null, beside a limit",
      "{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: b, resources: { requests: { example.com/device: null }, limits: { example.com/device: 2 } } }] } }",
      'spec.containers[0].resources.requests.example.com/device: "0": must be equal to the limit, 2',
    ],
    [
      "options of Windows in a pod of Linux",
      pod("os: { name: linux }, securityContext: { windowsOptions: { runAsUserName: me } }"),
      "spec.securityContext.windowsOptions: not allowed beside os linux",
    ],
    [
      "a host process of Windows on the pod's own network",
      pod("os: { name: windows }, securityContext: { windowsOptions: { hostProcess: true } }"),
      "spec.hostNetwork: must be true beside windowsOptions.hostProcess",
    ],
    [
      "two sources of a volume with the same file",
      pod(
        "volumes: [{ name: v, projected: { sources: [{ secret: { name: s, items: [{ key: a, path: f }] } }, { configMap: { name: c, items: [{ key: a, path: f }] } }] } }]",
      ),
      'spec.volumes[0].projected.sources[1]: "f": makes a file that another source or item makes',
    ],
    [
      "a scope for what has none",
      "{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { scopes: [BestEffort], hard: { cpu: 1 } } }",
      'spec.scopes[0]: "BestEffort": does not go with cpu in hard: a quota with this scope limits pods',
    ],
    [
      "scopes that exclude one another",
      "{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { scopes: [Terminating, NotTerminating], hard: { pods: 1 } } }",
      "spec.scopes: Terminating and NotTerminating exclude one another",
    ],
    [
      "a scope with values that it does not have",
      "{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { scopeSelector: { matchExpressions: [{ scopeName: Terminating, operator: In, values: [a] }] }, hard: { pods: 1 } } }",
      'spec.scopeSelector.matchExpressions[0].operator: "In": must be one of Exists',
    ],
    ["no spec", "{ apiVersion: v1, kind: Pod, metadata: { name: p } }", "spec.containers: at least one container is required"],
    ["an unknown field", pod("nodeSelectors: {}"), 'spec.nodeSelectors: unknown field; did you mean "nodeSelector"?'],
    ["an unknown field without a value", pod("tolerationz: null"), 'spec.tolerationz: unknown field; did you mean "tolerations"?'],
    ["a map for a list", pod("tolerations: { key: a }"), 'spec.tolerations: {"key":"a"}: must be a list'],
    [
      "a request above its limit",
      "{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: b, resources: { requests: { cpu: 2 }, limits: { cpu: 1500m } } }] } }",
      "spec.containers[0].resources.requests.cpu: 2: must be at most the limit, 1500m",
    ],
    [
      "a Job that restarts for ever",
      "{ apiVersion: batch/v1, kind: Job, metadata: { name: j }, spec: { template: { spec: { restartPolicy: Always, containers: [{ name: a, image: b }] } } } }",
      'spec.template.spec.restartPolicy: "Always": must be OnFailure or Never',
    ],
    [
      "a CronJob without a template",
      '{ apiVersion: batch/v1, kind: CronJob, metadata: { name: c }, spec: { schedule: "* * * * *" } }',
      "spec.jobTemplate: required",
    ],
    [
      "a selector that does not select",
      "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: c } }, spec: { containers: [{ name: a, image: b }] } } } }",
      'spec.template.metadata.labels: {"a":"c"}: must match spec.selector',
    ],
    [
      "a file that was read out of a cluster",
      '{ apiVersion: v1, kind: ConfigMap, metadata: { name: c, resourceVersion: "5" } }',
      'metadata.resourceVersion: "5": must not be set on an object that is created',
    ],
    [
      "a priority class of Kubernetes' own",
      "{ apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: system-x }, value: 1 }",
      'metadata.name: "system-x": must not begin with system-',
    ],
    [
      "a quota of what nobody counts",
      "{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { hard: { gpus: 3 } } }",
      "spec.hard[gpus]: must be one of cpu",
    ],
    [
      "a range that nothing is in",
      "{ apiVersion: v1, kind: LimitRange, metadata: { name: l }, spec: { limits: [{ type: Container, min: { cpu: 2 }, max: { cpu: 1 } }] } }",
      "spec.limits[0].min.cpu: 2: must be at most max, 1",
    ],
    [
      "a range of volumes with a resource that nothing has",
      "{ apiVersion: v1, kind: LimitRange, metadata: { name: l }, spec: { limits: [{ type: PersistentVolumeClaim, max: { storage: 1Gi, disks: 2 } }] } }",
      "spec.limits[0].max[disks]: must be one of storage, cpu",
    ],
    [
      "a token of no account",
      "{ apiVersion: v1, kind: Secret, metadata: { name: s }, type: kubernetes.io/service-account-token }",
      "metadata.annotations[kubernetes.io/service-account.name]: required",
    ],
    [
      "registry credentials that are no JSON",
      "{ apiVersion: v1, kind: Secret, metadata: { name: s }, type: kubernetes.io/dockerconfigjson, stringData: { .dockerconfigjson: x } }",
      "data[.dockerconfigjson]: must be JSON",
    ],
    [
      "a path with an empty part",
      "{ apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: { name: i }, spec: { rules: [{ http: { paths: [{ path: //a, pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] } }",
      'spec.rules[0].http.paths[0].path: "//a": must not contain //',
    ],
    [
      "huge pages alone",
      "{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: b, resources: { limits: { hugepages-2Mi: 2Mi } } }] } }",
      "spec.containers[0].resources: huge pages require cpu or memory",
    ],
    ["a Job with a name longer than a label", job("", "a".repeat(64)), "must have at most 63 characters"],
    [
      "an Indexed Job whose pods have no room for their index",
      job("completionMode: Indexed, completions: 2000,", "a".repeat(60)),
      "must have at most 58 characters",
    ],
    [
      "two policies that exclude each other",
      job("podReplacementPolicy: TerminatingOrFailed, podFailurePolicy: { rules: [] },"),
      'spec.podReplacementPolicy: "TerminatingOrFailed": must be one of Failed',
    ],
    [
      "a pod that asks for less than its containers",
      pod("resources: { requests: { cpu: 1 } }, initContainers: [{ name: i, image: b, resources: { limits: { cpu: 1500m } } }]"),
      "spec.resources.requests.cpu: 1: must be at least what the containers request together, 1500m",
    ],
    [
      "a container with more than the pod's limit",
      pod("resources: { limits: { memory: 1Gi } }").replace(
        "image: b",
        "image: b, resources: { limits: { memory: 2Gi }, requests: { memory: 1Mi } }",
      ),
      'spec.containers[0].resources.limits.memory: "2Gi": must be at most the limit of the pod, 1Gi',
    ],
    [
      "a container that sleeps for longer than the pod has for its end",
      pod("").replace("image: b", "image: b, lifecycle: { preStop: { sleep: { seconds: 40 } } }"),
      "spec.containers[0].lifecycle.preStop.sleep.seconds: 40: must be between 0 and terminationGracePeriodSeconds, 30",
    ],
    [
      "a value that no label has, in a requirement of nodes",
      pod(
        "affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: In, values: ['b c'] }] }] } } }",
      ),
      'matchExpressions[0].values[0]: "b c": must be a label value',
    ],
    [
      "a container that is restarted for a resize, where none is restarted",
      pod("restartPolicy: Never").replace("image: b", "image: b, resizePolicy: [{ resourceName: cpu, restartPolicy: RestartContainer }]"),
      "must be NotRequired with restartPolicy Never of the pod",
    ],
    [
      "a label with a key that no label has",
      pod("").replace("image: b", "image: b, env: [{ name: A, valueFrom: { fieldRef: { fieldPath: \"metadata.labels['a b']\" } } }]"),
      "valueFrom.fieldRef.fieldPath: \"metadata.labels['a b']\"",
    ],
    [
      "a target of iSCSI with a bad name",
      pod("volumes: [{ name: v, iscsi: { targetPortal: t, iqn: bad, lun: 0 } }]"),
      'spec.volumes[0].iscsi.iqn: "bad": must be a name that begins with iqn, eui or naa',
    ],
    [
      "a Fibre Channel volume without a target",
      pod("volumes: [{ name: v, fc: { lun: 1 } }]"),
      "spec.volumes[0].fc: exactly one of targetWWNs, wwids is required",
    ],
    [
      "a CephFS volume without monitors",
      pod("volumes: [{ name: v, cephfs: { monitors: [] } }]"),
      "spec.volumes[0].cephfs.monitors: required",
    ],
    [
      "a Git volume outside of its folder",
      pod("volumes: [{ name: v, gitRepo: { repository: r, directory: ../x } }]"),
      "spec.volumes[0].gitRepo.directory: \"../x\": must not contain '..'",
    ],
    [
      "a mount that is read-only below, and not itself",
      pod("volumes: [{ name: v, emptyDir: {} }]").replace(
        "image: b",
        "image: b, volumeMounts: [{ name: v, mountPath: /v, recursiveReadOnly: Enabled }]",
      ),
      'recursiveReadOnly: "Enabled": requires readOnly: true',
    ],
    [
      "a mount that is read-only below, and propagated",
      pod("volumes: [{ name: v, emptyDir: {} }]").replace(
        "image: b",
        "image: b, volumeMounts: [{ name: v, mountPath: /v, readOnly: true, mountPropagation: HostToContainer, recursiveReadOnly: Enabled }]",
      ),
      'recursiveReadOnly: "Enabled": is allowed without mountPropagation only',
    ],
    [
      "a seccomp profile outside of its folder",
      pod("securityContext: { seccompProfile: { type: Localhost, localhostProfile: ../x } }"),
      'seccompProfile.localhostProfile: "../x": must not',
    ],
    [
      "an AppArmor profile with a blank before it",
      pod("securityContext: { appArmorProfile: { type: Localhost, localhostProfile: ' a' } }"),
      'appArmorProfile.localhostProfile: " a": must not begin or end with white space',
    ],
    [
      "users of its own in the node's network",
      pod("hostUsers: false, hostNetwork: true"),
      "spec.hostNetwork: true: not allowed with hostUsers: false",
    ],
    [
      "a part of a huge page",
      pod("").replace("image: b", "image: b, resources: { limits: { hugepages-2Mi: 3Mi, memory: 1Gi } }"),
      'hugepages-2Mi: "3Mi": must be a multiple of 2Mi',
    ],
    [
      "an owner of no version",
      pod("", "name: p, ownerReferences: [{ apiVersion: a/b/c, kind: A, name: a, uid: u }]"),
      'metadata.ownerReferences[0].apiVersion: "a/b/c": must be a version',
    ],
    [
      "a Service at the node's own address",
      "{ apiVersion: v1, kind: Service, metadata: { name: s }, spec: { ports: [{ port: 80 }], externalIPs: [127.0.0.1] } }",
      'spec.externalIPs[0]: "127.0.0.1": must not be an unspecified, loopback or link-local address',
    ],
    [
      "a class of load balancers with a blank",
      "{ apiVersion: v1, kind: Service, metadata: { name: s }, spec: { type: LoadBalancer, ports: [{ port: 80 }], loadBalancerClass: a b } }",
      'spec.loadBalancerClass: "a b"',
    ],
    [
      "a Service with the same family twice",
      "{ apiVersion: v1, kind: Service, metadata: { name: s }, spec: { ports: [{ port: 80 }], ipFamilies: [IPv4, IPv4] } }",
      "spec.ipFamilies[1]",
    ],
    [
      "a range of three numbers",
      "{ apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: { name: n }, spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 10.0.0/8 } }] }] } }",
      'ipBlock.cidr: "10.0.0/8": must be a range of addresses',
    ],
    ["a time zone in lower case", cron("timeZone: europe/berlin,"), 'spec.timeZone: "europe/berlin": must be a time zone'],
    ["a time zone in lower case that has another name", cron("timeZone: us/pacific,"), 'spec.timeZone: "us/pacific": must be a time zone'],
    ["a name of no namespace", pod("", "name: p, namespace: tea"), 'namespace "tea" does not exist; did you mean "team"?'],
  ])("%s", (_, yaml, message) => {
    const { problems, outcomes } = judge(yaml);
    expect(problems).toContainEqual(expect.stringContaining(message));
    expect(outcomes).toEqual(["refused"]);
  });

  test.each([
    [
      "a container that sleeps for as long as the pod has for its end",
      pod("terminationGracePeriodSeconds: 60").replace(
        "image: b",
        "image: b, lifecycle: { postStart: { sleep: { seconds: 0 } }, preStop: { sleep: { seconds: 60 } } }",
      ),
    ],
    [
      "a value that no label has, in a preference",
      pod(
        "affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: a, operator: In, values: ['b c'] }] } }] } }",
      ),
    ],
    [
      "SYS_ADMIN as Kubernetes does not look for it",
      pod("").replace("image: b", "image: b, securityContext: { allowPrivilegeEscalation: false, capabilities: { add: [SYS_ADMIN] } }"),
    ],
    ["an address with a zero in front", pod("dnsConfig: { nameservers: [01.1.1.1] }")],
    [
      "a port of nodes where no type has it",
      "{ apiVersion: v1, kind: Service, metadata: { name: s }, spec: { type: ExternalName, externalName: a, ports: [{ port: 80, nodePort: 30000 }] } }",
    ],
    ["a time that is no time for a pod to end", pod("terminationGracePeriodSeconds: -1")],
    [
      "a pod that asks for as much as its containers",
      pod(
        "resources: { requests: { cpu: 1 }, limits: { cpu: 2 } }, initContainers: [{ name: i, image: b, resources: { requests: { cpu: 1 } } }]",
      ),
    ],
    ["a limit of the pod without requests", pod("resources: { limits: { cpu: 2 } }")],
    ["a time zone", cron("timeZone: Europe/Berlin,")],
    ["a time zone with an old name", cron("timeZone: US/Pacific,")],
    ["UTC", cron("timeZone: Etc/UTC,")],
  ])("and takes: %s", (_, yaml) => {
    expect(judge(yaml).problems).toEqual([]);
  });

  test.each(["abc", "-3", "1.5", "5000000000", "true"])("replicas: %s", (replicas) => {
    const { problems } = judge(
      `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { replicas: ${replicas}, selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: b }] } } } }`,
    );
    expect(problems).toEqual([expect.stringMatching(/^spec\.replicas: .*: must be /)]);
  });
});

test("an object in a namespace that the file makes later is refused, as kubectl goes through a file in its order", () => {
  const namespace = "{ apiVersion: v1, kind: Namespace, metadata: { name: mine } }";
  const own = pod("", "name: p, namespace: mine");
  expect(judge(`${namespace}\n---\n${own}`).problems).toEqual([]);
  expect(judge(`${own}\n---\n${namespace}`).problems).toEqual([
    'namespace "mine" does not exist yet: it is made at m.yaml:1. Write the Namespace first',
  ]);
});

test("a Rollout of a Deployment's template is not modelled", () => {
  expect(
    judge(
      "{ apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: { name: r }, spec: { workloadRef: { kind: Deployment, name: d } } }",
    ),
  ).toMatchObject({
    problems: [],
    outcomes: ["notModelled"],
  });
});

test.each([
  ["a number without a class", "priority: 5", "", ["spec.priority: 5: must be 0, which follows from priorityClassName. Remove it"]],
  ["the number of a pod that was read out of a cluster", "priority: 0", "", []],
  [
    "the number of its class",
    "priority: 7, priorityClassName: c",
    "{ apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: c }, value: 7 }",
    [],
  ],
  [
    "another than the default's",
    "priority: 0",
    "{ apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: c }, globalDefault: true, value: 7 }",
    [expect.stringContaining("must be 7")],
  ],
])("the priority of a pod: %s", (_, spec, others, problems) => {
  expect(judge(others === "" ? pod(spec) : `${others}\n---\n${pod(spec)}`).problems).toEqual(problems);
});

test("a workload without pods is accepted, with what its pods will lack", () => {
  const { problems, warnings } = judge(
    "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d, namespace: team }, spec: { replicas: 0, selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: b }] } } } }",
  );
  expect([problems, warnings]).toEqual([[], [expect.stringMatching(/^as soon as it has pods: Pod Security level "restricted"/)]]);
});

test("a RayJob in a cluster that is there is not modelled", () => {
  const { problems, outcomes } = judge(
    "{ apiVersion: ray.io/v1, kind: RayJob, metadata: { name: r }, spec: { entrypoint: python a.py, clusterSelector: { ray.io/cluster: c } } }",
  );
  expect([problems, outcomes]).toEqual([[], ["notModelled"]]);
});

test("pods of custom resources mount the volumes that their operators add", () => {
  const claim = "{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }";
  const template = "spec: { restartPolicy: Never, containers: [{ name: a, image: b, volumeMounts: [{ name: data, mountPath: /d }] }] }";
  const set = (policies: string) =>
    `{ apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, metadata: { name: j }, spec: { ${policies} replicatedJobs: [{ name: w, template: { spec: { template: { ${template} } } } }] } }`;
  expect(judge(set(`volumeClaimPolicies: [{ templates: [${claim}] }],`)).problems).toEqual([]);
  expect(judge(set("")).problems).toEqual([expect.stringContaining("must be one of the pod's volumes")]);
  const group = `{ apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, metadata: { name: l }, spec: { leaderWorkerTemplate: { volumeClaimTemplates: [${claim}], workerTemplate: { ${template.replace("restartPolicy: Never, ", "")} } } } }`;
  expect(judge(group).problems).toEqual([]);
});

test.each([
  ["accessModes: [ReadWriteMany]", "PersistentVolumeClaim c: spec.accessModes"],
  ["accessModes: [ReadWriteMany], volumeMode: Block", "PersistentVolumeClaim c: spec.accessModes"],
  ["accessModes: [ReadOnlyMany], volumeMode: Block", "PersistentVolumeClaim c: spec.accessModes"],
  ["accessModes: [ReadWriteOnce], storageClassName: fast", "PersistentVolumeClaim c: spec.storageClassName"],
])("a pod waits for a volume claim that never gets a volume: %s", (spec, reason) => {
  const claim = `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c }, spec: { ${spec}, resources: { requests: { storage: 1Gi } } } }`;
  const { reasons } = judge(`${claim}\n---\n${pod("volumes: [{ name: v, persistentVolumeClaim: { claimName: c } }]")}`);
  expect(reasons).toEqual([expect.stringContaining(reason)]);
});

describe("matchLabelKeys", () => {
  const term = (more: string) => `{ topologyKey: kubernetes.io/hostname, ${more} }`;
  const near = (more: string) => `affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [${term(more)}] } }`;
  const spread = (more: string) =>
    `topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: DoNotSchedule, topologyKey: kubernetes.io/hostname, ${more} }]`;
  const labelled = "name: p, labels: { app: web }";
  const deployment = (spec: string) =>
    `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { ${spec}, containers: [{ name: a, image: b }] } } } }`;

  test.each<[string, RegExp]>([
    [
      pod(near("labelSelector: { matchLabels: { app: web } }, matchLabelKeys: [app]"), labelled),
      /matchLabelKeys\[0\]: "app": the labelSelector has it/,
    ],
    [pod(spread("labelSelector: { matchLabels: { app: web } }, matchLabelKeys: [app]"), labelled), /matchLabelKeys\[0\]/],
    [
      deployment(near("labelSelector: { matchExpressions: [{ key: app, operator: Exists }] }, matchLabelKeys: [app]")),
      /matchLabelKeys\[0\]/,
    ],
    [pod(near("labelSelector: {}, matchLabelKeys: [app, app]"), labelled), /matchLabelKeys\[1\]/],
    [
      pod(near("labelSelector: {}, matchLabelKeys: [tier], mismatchLabelKeys: [tier]")),
      /matchLabelKeys\[0\]: "tier": is in mismatchLabelKeys too/,
    ],
  ])("%s is refused", (yaml, message) => {
    expect(judge(yaml).problems).toEqual([expect.stringMatching(message)]);
  });

  // The first is the example of kubernetes.io, and a key that the pod does not have adds nothing.
  test.each([
    deployment(
      near("labelSelector: { matchExpressions: [{ key: app, operator: In, values: [database] }] }, matchLabelKeys: [pod-template-hash]"),
    ),
    deployment(spread("labelSelector: { matchLabels: { app: web } }, matchLabelKeys: [pod-template-hash]")),
    pod(near("labelSelector: { matchLabels: { app: web } }, matchLabelKeys: [app]")),
    pod(
      near("labelSelector: { matchExpressions: [{ key: tenant, operator: Exists }] }, mismatchLabelKeys: [tenant]"),
      "name: p, labels: { tenant: a }",
    ),
  ])("%s is accepted", (yaml) => {
    expect(judge(yaml).problems).toEqual([]);
  });
});

// The example of kubernetes.io, "Configure a Pod to Use a PersistentVolume for Storage".
test("a claim gets a volume of a class that there is not, where somebody has made one", () => {
  const volume = `{ apiVersion: v1, kind: PersistentVolume, metadata: { name: v }, spec: { storageClassName: manual, capacity: { storage: 10Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /mnt/data } } }`;
  const claim = `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c }, spec: { storageClassName: manual, accessModes: [ReadWriteOnce], resources: { requests: { storage: 3Gi } } } }`;
  const user = pod("volumes: [{ name: v, persistentVolumeClaim: { claimName: c } }]");
  expect(judge(`${volume}\n---\n${claim}\n---\n${user}`).reasons).toEqual(["there is no node"]);
  expect(judge(`${claim}\n---\n${user}`).reasons).toEqual([expect.stringContaining("there is no such StorageClass")]);
});

test("a raw device of io2 can be attached to several nodes", () => {
  const shared = `{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: shared }, provisioner: ebs.csi.aws.com, parameters: { Type: io2, iops: "100" }, volumeBindingMode: WaitForFirstConsumer }`;
  const claim = `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c }, spec: { accessModes: [ReadWriteMany], volumeMode: Block, storageClassName: shared, resources: { requests: { storage: 1Gi } } } }`;
  expect(judge(`${shared}\n---\n${claim}\n---\n${pod("volumes: [{ name: v, persistentVolumeClaim: { claimName: c } }]")}`).reasons).toEqual(
    ["there is no node"],
  );
});

describe("Pod Security of the namespace", () => {
  const RESTRICTED =
    "{ apiVersion: v1, kind: Pod, metadata: { name: p, namespace: team }, spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, containers: [{ name: a, image: b, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }] } }";

  test("refuses a pod, saying everything that it has to add", () => {
    const { problems } = judge(pod("", "name: p, namespace: team"));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.split("\n")).toEqual([
      'Pod Security level "restricted" of namespace "team" refuses its pods:',
      "  spec.containers[0].securityContext.allowPrivilegeEscalation: must be false",
      "  spec.securityContext.runAsNonRoot: must be true",
      "  spec.securityContext.seccompProfile.type: must be RuntimeDefault or Localhost",
      "  spec.containers[0].securityContext.capabilities.drop: must include ALL",
    ]);
  });

  test("accepts one that has it", () => {
    expect(judge(RESTRICTED)).toMatchObject({ problems: [], outcomes: ["modelled"] });
  });

  test("refuses the pods of a controller", () => {
    const yaml =
      "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d, namespace: team }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { hostPID: true, containers: [{ name: a, image: b }] } } } }";
    expect(judge(yaml).problems[0]).toContain("  spec.template.spec.hostPID: true: must be false");
  });

  test("says nothing where the namespace has no level", () => {
    expect(judge(pod("hostPID: true"))).toMatchObject({ problems: [], outcomes: ["modelled"] });
  });
});

test("a Job that selects its own pods by hand may have a long name", () => {
  const name = "a".repeat(64);
  const template = "template: { metadata: { labels: { a: b } }, spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } }";
  const own = `{ apiVersion: batch/v1, kind: Job, metadata: { name: ${name} }, spec: { manualSelector: true, selector: { matchLabels: { a: b } }, ${template} } }`;
  expect(judge(own).problems).toEqual([]);
  expect(judge(job("", name)).problems).toEqual([expect.stringContaining("must have at most 63 characters")]);
});

describe("Services", () => {
  const service = (spec: string, name = "s") => `{ apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { ${spec} } }`;
  const PORTS = "ports: [{ port: 80 }]";

  test.each([
    [`clusterIP: 10.96.0.7, ${PORTS}`, 'spec.clusterIP: "10.96.0.7": not an address that EKS gives to Services'],
    [`clusterIP: 172.21.0.7, ${PORTS}`, "10.100.0.0/16 or 172.20.0.0/16"],
    [`clusterIP: 172.20.0.1, ${PORTS}`, "the Service kubernetes has it"],
    [`clusterIP: 10.100.0.10, ${PORTS}`, "the Service kube-dns has it"],
    [`clusterIP: 10.100.255.255, ${PORTS}`, "not an address that EKS gives"],
    [`type: NodePort, ports: [{ port: 80, nodePort: 8080 }]`, "spec.ports[0].nodePort: 8080"],
    [`sessionAffinity: ClientIP, sessionAffinityConfig: { clientIP: { timeoutSeconds: 90000 } }, ${PORTS}`, "timeoutSeconds: 90000"],
    ["type: ExternalName, externalName: a_b", "spec.externalName"],
    ["type: ExternalName, externalName: a.b, clusterIP: 172.20.0.9", 'spec.clusterIP: "172.20.0.9": not allowed with type ExternalName'],
    ["type: ExternalName, externalName: a.b, ipFamilyPolicy: SingleStack", "spec.ipFamilyPolicy"],
    [`ipFamilyPolicy: RequireDualStack, ${PORTS}`, "EKS gives a Service addresses of one family"],
    [`ipFamilies: [IPv6], ipFamilyPolicy: SingleStack, ${PORTS}`, "the cluster gives IPv4 addresses only"],
    [`type: LoadBalancer, healthCheckNodePort: 31000, ${PORTS}`, "is allowed with externalTrafficPolicy Local only"],
  ])("refused: %s", (spec, message) => {
    expect(judge(service(spec)).problems).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  test.each([
    PORTS,
    `clusterIP: None, ${PORTS}`,
    `clusterIP: "", ${PORTS}`,
    `ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4], ${PORTS}`,
    `clusterIP: None, ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv6], ${PORTS}`,
    `sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } }, ${PORTS}`,
    `clusterIP: 172.20.3.4, ${PORTS}`,
    `clusterIP: 10.100.3.4, ${PORTS}`,
    "type: NodePort, ports: [{ port: 80, nodePort: 30080 }]",
    `sessionAffinity: ClientIP, sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } }, ${PORTS}`,
    "type: ExternalName, externalName: example.com.",
  ])("accepted: %s", (spec) => {
    expect(judge(service(spec)).problems).toEqual([]);
  });

  test("one address is given once", () => {
    const yaml = [service(`clusterIP: 172.20.3.4, ${PORTS}`), service(`clusterIP: 172.20.3.4, ${PORTS}`, "t")].join("\n---\n");
    expect(judge(yaml).problems).toEqual([expect.stringContaining("the Service s (m.yaml:1) has it")]);
  });
});

describe("raw devices", () => {
  const claim = "volumes: [{ name: v, persistentVolumeClaim: { claimName: c } }, { name: e, emptyDir: {} }]";
  const withDevices = (devices: string, mounts = "") =>
    `{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { ${claim}, containers: [{ name: a, image: b, volumeDevices: [${devices}], volumeMounts: [${mounts}] }] } }
---
{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c }, spec: { volumeMode: Block, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }`;

  test.each([
    ["{ name: v, devicePath: /dev/xvda }", "", []],
    ["{ name: nope, devicePath: /dev/xvda }", "", ["must be one of the pod's volumes: v, e"]],
    ["{ name: e, devicePath: /dev/xvda }", "", ["only those can be raw devices"]],
    ["{ name: v, devicePath: /dev/xvda }", "{ name: v, mountPath: /data }", ["a file system or a raw device"]],
    ["{ name: v, devicePath: /data }", "{ name: e, mountPath: /data }", ["is a mountPath of volumeMounts too"]],
    ["{ name: v, devicePath: /dev/a }, { name: v, devicePath: /dev/b }", "", ["duplicate"]],
    ["{ name: v }", "", ["devicePath: required"]],
  ])("%s %s", (devices, mounts, messages) => {
    expect(judge(withDevices(devices, mounts)).problems).toEqual(messages.map((message) => expect.stringContaining(message) as string));
  });
});

describe("objects that a pod names and nobody makes", () => {
  test.each([
    [
      "ServiceAccount",
      "serviceAccountName: trainer",
      'spec.serviceAccountName: "trainer": there is no ServiceAccount of this name in namespace "free"',
    ],
    ["PriorityClass", "priorityClassName: urgent", 'spec.priorityClassName: "urgent": there is no PriorityClass of this name'],
    ["RuntimeClass", "runtimeClassName: gvisor", 'spec.runtimeClassName: "gvisor": there is no RuntimeClass of this name'],
    [
      "ServiceAccount by its old name",
      "serviceAccount: trainer",
      'spec.serviceAccount: "trainer": there is no ServiceAccount of this name',
    ],
  ])("without its %s a pod is refused", (_, more, message) => {
    expect(judge(pod(more))).toMatchObject({ problems: [expect.stringContaining(message)], outcomes: ["refused"] });
  });

  test.each([
    ["serviceAccountName: default"],
    ["priorityClassName: system-node-critical"],
    ["volumes: [{ name: v, configMap: { name: kube-root-ca.crt } }]"],
    ["volumes: [{ name: v, secret: { secretName: later, optional: true } }]"],
  ])("%s is always there, or need not be", (more) => {
    expect(judge(pod(more))).toMatchObject({ problems: [], warnings: [] });
  });

  test.each([
    ["volumes: [{ name: v, persistentVolumeClaim: { claimName: data } }]", "there is no PersistentVolumeClaim of this name"],
    ["schedulerName: volcano", 'spec.schedulerName: "volcano": no such scheduler runs in this cluster. Remove it'],
    [
      "volumes: [{ name: v, ephemeral: { volumeClaimTemplate: { spec: { accessModes: [ReadWriteOnce], storageClassName: fast, resources: { requests: { storage: 1Gi } } } } } }]",
      "there is no such StorageClass; there are: gp2, gp3",
    ],
    [
      "volumes: [{ name: v, ephemeral: { volumeClaimTemplate: { spec: { accessModes: [ReadWriteMany], resources: { requests: { storage: 1Gi } } } } } }]",
      "an EBS volume is on one node at a time",
    ],
  ])("%s: the pod waits", (more, reason) => {
    expect(judge(pod(more)).reasons).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ["volumes: [{ name: v, configMap: { name: settings } }]", 'spec.volumes[0].configMap.name: "settings": there is no ConfigMap'],
    [
      "volumes: [{ name: v, projected: { sources: [{ secret: { name: s } }] } }]",
      'spec.volumes[0].projected.sources[0].secret.name: "s": there is no Secret',
    ],
  ])("%s: its containers do not start", (more, warning) => {
    expect(judge(pod(more)).warnings).toEqual([expect.stringContaining(warning)]);
    expect(judge(pod(more)).warnings).toEqual([expect.stringMatching(/Its containers do not start until somebody creates it$/)]);
  });

  test("without credentials of a registry its images are pulled all the same", () => {
    expect(judge(pod("imagePullSecrets: [{ name: registry }]")).warnings).toEqual([
      'spec.imagePullSecrets[0].name: "registry": there is no Secret of this name in namespace "free" in the stack or in the manifests. The kubelet pulls its images without these credentials',
    ]);
  });

  const DATA = `{ apiVersion: v1, kind: ConfigMap, metadata: { name: settings }, data: { rate: "1" }, binaryData: { blob: eA== } }
---
{ apiVersion: v1, kind: Secret, metadata: { name: keys }, data: { a: eA== }, stringData: { b: x } }
---
{ apiVersion: v1, kind: Secret, metadata: { name: made, annotations: { kubernetes.io/service-account.name: default } }, type: kubernetes.io/service-account-token, data: { extra: eA== } }
`;
  const variable = (source: string) =>
    `{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: b, env: [{ name: V, valueFrom: { ${source} } }] }] } }`;

  test.each([
    [
      variable("configMapKeyRef: { name: settings, key: rat }"),
      'spec.containers[0].env[0].valueFrom.configMapKeyRef.key: "rat": ConfigMap "settings" has no such key; did you mean "rate"?',
    ],
    [
      variable("secretKeyRef: { name: keys, key: token }"),
      'spec.containers[0].env[0].valueFrom.secretKeyRef.key: "token": Secret "keys" has no such key; there are: a, b',
    ],
    [
      pod("volumes: [{ name: v, configMap: { name: settings, items: [{ key: rate, path: r }, { key: train.yaml, path: t }] } }]"),
      'spec.volumes[0].configMap.items[1].key: "train.yaml": ConfigMap "settings" has no such key',
    ],
    [
      pod("volumes: [{ name: v, projected: { sources: [{ secret: { name: keys, items: [{ key: c, path: r }] } }] } }]"),
      'spec.volumes[0].projected.sources[0].secret.items[0].key: "c": Secret "keys" has no such key',
    ],
  ])("a key that its object does not have is named: %s", (yaml, warning) => {
    expect(judge(`${DATA}---\n${yaml}`).warnings).toEqual([expect.stringContaining(warning)]);
  });

  test.each([
    variable("configMapKeyRef: { name: settings, key: blob }"),
    variable("secretKeyRef: { name: keys, key: b }"),
    variable("secretKeyRef: { name: keys, key: c, optional: true }"),
    variable("secretKeyRef: { name: made, key: token }"),
    pod("volumes: [{ name: v, secret: { secretName: keys, items: [{ key: a, path: r }] } }]"),
  ])("a key that is there, need not be, or that Kubernetes fills in: %s", (yaml) => {
    expect(judge(`${DATA}---\n${yaml}`).warnings).toEqual([]);
  });

  test.each([
    "{ apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: { name: e }, spec: { target: { name: keys } } }",
    "{ apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: { name: keys }, spec: {} }",
    "{ apiVersion: cert-manager.io/v1, kind: Certificate, metadata: { name: c }, spec: { secretName: keys } }",
    "{ apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: { name: keys }, spec: {} }",
  ])("a Secret that an operator makes of an object is there: %s", (maker) => {
    expect(judge(`${maker}\n---\n${variable("secretKeyRef: { name: keys, key: token }")}`).warnings).toEqual([]);
  });

  test("what the manifests make is there", () => {
    const yaml = `${pod("serviceAccountName: trainer, volumes: [{ name: v, configMap: { name: settings } }]")}
---
{ apiVersion: v1, kind: ServiceAccount, metadata: { name: trainer } }
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: settings } }`;
    expect(judge(yaml)).toMatchObject({ problems: [], warnings: [], outcomes: ["modelled", "withoutEffect", "withoutEffect"] });
  });
});

describe("annotations of a pod that the API server reads", () => {
  const annotated = (annotations: string, more = "") => pod(more, `name: p, annotations: { ${annotations} }`);
  const security = (profile: string) =>
    `{ apiVersion: v1, kind: Pod, metadata: { name: p, annotations: { container.apparmor.security.beta.kubernetes.io/a: localhost/x } }, spec: { containers: [{ name: a, image: b, securityContext: { appArmorProfile: { ${profile} } } }] } }`;

  test.each([
    ['controller.kubernetes.io/pod-deletion-cost: "high"', "must be an integer of 32 bits"],
    ['controller.kubernetes.io/pod-deletion-cost: "+5"', "must be an integer of 32 bits"],
    ['controller.kubernetes.io/pod-deletion-cost: "007"', "must be an integer of 32 bits"],
    ['controller.kubernetes.io/pod-deletion-cost: "2147483648"', "must be an integer of 32 bits"],
    ['controller.kubernetes.io/pod-deletion-cost: ""', "must be an integer of 32 bits"],
    ["kubernetes.io/config.mirror: x", "is for pods that a kubelet makes itself"],
    ["seccomp.security.alpha.kubernetes.io/pod: default", "must be one of runtime/default, docker/default, unconfined, localhost/PROFILE"],
    ["container.seccomp.security.alpha.kubernetes.io/a: x", "must be one of runtime/default"],
    ["container.seccomp.security.alpha.kubernetes.io/other: x", "must be one of runtime/default"],
    ["container.apparmor.security.beta.kubernetes.io/a: x", "must be one of runtime/default, unconfined, localhost/PROFILE"],
    ["container.apparmor.security.beta.kubernetes.io/other: runtime/default", "there is no such container; there are: a"],
    ["scheduler.alpha.kubernetes.io/tolerations: x", "must be a list in JSON"],
    [`scheduler.alpha.kubernetes.io/tolerations: '[{"key":"a","operator":"Foo"}]'`, '[0].operator: "Foo": must be one of Equal, Exists'],
  ])("%s is refused", (annotations, message) => {
    expect(judge(annotated(annotations)).problems).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    'controller.kubernetes.io/pod-deletion-cost: "-2147483648"',
    'controller.kubernetes.io/pod-deletion-cost: "0"',
    "container.apparmor.security.beta.kubernetes.io/a: localhost/x",
    'container.apparmor.security.beta.kubernetes.io/a: ""',
    "container.seccomp.security.alpha.kubernetes.io/other: docker/default",
    `scheduler.alpha.kubernetes.io/tolerations: '[{"key":"a","operator":"Exists"}]'`,
  ])("%s is accepted", (annotations) => {
    expect(judge(annotated(annotations)).problems).toEqual([]);
  });

  test("say the same as the fields that have taken their place", () => {
    const seccomp = annotated(
      "seccomp.security.alpha.kubernetes.io/pod: unconfined",
      "securityContext: { seccompProfile: { type: RuntimeDefault } }",
    );
    expect(judge(seccomp).problems).toEqual([expect.stringContaining("must say the same as spec.securityContext.seccompProfile")]);
    expect(judge(security("type: Localhost, localhostProfile: y")).problems).toEqual([
      expect.stringContaining("must say the same as spec.containers[0].securityContext.appArmorProfile"),
    ]);
    expect(judge(security("type: Localhost, localhostProfile: x")).problems).toEqual([]);
    expect(judge(security("type: Localhost, localhostProfile: x").replace("localhost/x", '""')).problems).toEqual([
      expect.stringContaining("must say the same as"),
    ]);
  });

  test("are read in templates too", () => {
    const yaml = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b }, annotations: { container.apparmor.security.beta.kubernetes.io/sidecar: runtime/default } }, spec: { containers: [{ name: a, image: b }] } } } }`;
    expect(judge(yaml).problems).toEqual([
      expect.stringContaining("spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/sidecar]"),
    ]);
  });
});

describe("indexes of a Job", () => {
  const indexed = (more: string, name = "j") => job(`completionMode: Indexed, ${more},`, name);
  const rule = (more: string) => `completions: 5, parallelism: 2, successPolicy: { rules: [{ ${more} }] }`;

  test.each([
    [indexed(rule("succeededIndexes: 0-5")), 'succeededIndexes: "0-5": must be below completions, 5'],
    [indexed(rule("succeededIndexes: '3,1'")), "must be numbers and ranges in ascending order"],
    [indexed(rule("succeededIndexes: 3-1")), "must be numbers and ranges in ascending order"],
    [indexed(rule("succeededIndexes: 0-1, succeededCount: 3")), "succeededCount: 3: must be between 1 and 2"],
    // One pod has to succeed where nothing is said of their number.
    [indexed("backoffLimitPerIndex: 1, maxFailedIndexes: 2"), "maxFailedIndexes: 2: must be at most completions"],
    [indexed("successPolicy: { rules: [{ succeededIndexes: 0-1 }] }"), "must be below completions, 1"],
    [indexed("completions: 2", "a.b"), "metadata.name: \"a.b\": must not contain '.'"],
  ])("%s is refused", (yaml, message) => {
    expect(judge(yaml).problems).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    indexed(rule("succeededIndexes: '0-1,4', succeededCount: 3")),
    indexed("successPolicy: { rules: [{ succeededIndexes: '0' }] }"),
    job("completions: 2,", "a.b"),
    indexed("completions: 0", "a.b"),
  ])("%s is accepted", (yaml) => {
    expect(judge(yaml).problems).toEqual([]);
  });

  test.each([
    ["a.b", "metadata.name: \"a.b\": must not contain '.': it is a part of the host names of the pods of its Jobs"],
    ["c".repeat(52), "Use at most 51"],
  ])("the name %s of a CronJob is a part of host names", (name, message) => {
    const yaml = cron("")
      .replace("name: c", `name: ${name}`)
      .replace("spec: { template", "spec: { completionMode: Indexed, completions: 100, parallelism: 1, template");
    expect(judge(yaml).problems).toEqual([expect.stringContaining(message)]);
  });
});

describe("maps in the place of texts", () => {
  // JavaScript cannot make a text of a map with such a key.
  const MAP = "{ toString: null, valueOf: 1 }";

  test.each([
    ["a custom resource", `{ apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: { name: ${MAP} }, spec: {} }`, "metadata.name"],
    [
      "one that is given a name",
      `{ apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: { generateName: ${MAP} } }`,
      "metadata.generateName",
    ],
    ["a kind that is not known", "{ apiVersion: example.com/v1, kind: Thing, metadata: { name: 5 } }", "metadata.name: 5"],
    ["a kind of Kubernetes", `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${MAP} } }`, "metadata.name"],
  ])("the name of %s must be a string", (_, yaml, path) => {
    const { problems, outcomes } = judge(yaml);
    expect(problems[0]).toMatch(new RegExp(`^${path}.*must be a string`));
    expect(outcomes).toEqual(["refused"]);
  });

  test("the name of a job in a JobSet", () => {
    const yaml = `{ apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, metadata: { name: s }, spec: { replicatedJobs: [{ name: ${MAP}, template: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } } } } }] } }`;
    expect(judge(yaml).outcomes).toHaveLength(1);
  });
});

test("a paused Deployment has no pods", () => {
  const paused =
    "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { paused: true, selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: b }] } } } }";
  expect(judge(paused)).toMatchObject({ reasons: [], problems: [], outcomes: ["modelled"] });
  expect(judge(paused).warnings[0]).toBe("it is paused, and Kubernetes makes no pods of it before somebody resumes it. Remove spec.paused");
});

test("what a LimitRange writes into containers may be above what the pod says of all of them", () => {
  const range =
    "{ apiVersion: v1, kind: LimitRange, metadata: { name: l }, spec: { limits: [{ type: Container, default: { memory: 4Gi }, defaultRequest: { memory: 1Gi } }] } }";
  const whole = pod("resources: { requests: { memory: 1Gi }, limits: { memory: 2Gi } }");
  expect(judge(whole).problems).toEqual([]);
  expect(judge(`${range}\n---\n${whole}`).problems).toEqual([
    'spec.containers[0].resources.limits.memory: "4Gi": must be at most the limit of the pod, 2Gi. Set requests and limits of each container too: the namespace\'s LimitRange gives one without them a default',
  ]);
});

test("a PersistentVolumeClaim that never gets a volume is named, also where no pod uses it", () => {
  const claim = (spec: string) =>
    `{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: c }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } }, ${spec} } }`;
  expect(judge(claim("storageClassName: efs-sc")).warnings).toEqual([
    'it never gets a volume: spec.storageClassName: "efs-sc": there is no such StorageClass; there are: gp2, gp3',
  ]);
  expect(judge(claim("storageClassName: gp3")).warnings).toEqual([]);
  expect(judge(claim("storageClassName: efs-sc, volumeName: mine")).warnings).toEqual([]);
});

describe("every object ends in one of four outcomes", () => {
  test.each([
    ["batch/v1", "Job", "refused"],
    ["v1", "ConfigMap", "withoutEffect"],
    ["autoscaling/v2", "HorizontalPodAutoscaler", "refused"],
    ["example.com/v1", "Thing", "notModelled"],
    ["kueue.x-k8s.io/v1beta1", "ClusterQueue", "notModelled"],
  ])("%s %s", (apiVersion, kind, outcome) => {
    expect(judge(`{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: a } }`).outcomes).toEqual([outcome]);
  });

  test("two objects with one generateName are two objects", () => {
    const job =
      "{ apiVersion: batch/v1, kind: Job, metadata: { generateName: j- }, spec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } } } }";
    expect(judge(`${job}\n---\n${job}`)).toMatchObject({ problems: [], outcomes: ["modelled", "modelled"] });
  });
});

describe("custom resources whose pods are known make them", () => {
  const template = "{ spec: { containers: [{ name: a, image: b }] } }";
  test.each([
    [
      "jobset.x-k8s.io/v1alpha2",
      "JobSet",
      `{ replicatedJobs: [{ name: a, replicas: 2, template: { spec: { parallelism: 3, completions: 2, template: ${template} } } }] }`,
      4,
    ],
    [
      "jobset.x-k8s.io/v1alpha2",
      "JobSet",
      `{ suspend: true, replicatedJobs: [{ name: a, template: { spec: { template: ${template} } } }] }`,
      0,
    ],
    [
      "leaderworkerset.x-k8s.io/v1",
      "LeaderWorkerSet",
      `{ replicas: 2, leaderWorkerTemplate: { size: 4, workerTemplate: ${template} } }`,
      8,
    ],
    [
      "ray.io/v1",
      "RayCluster",
      `{ headGroupSpec: { template: ${template} }, workerGroupSpecs: [{ replicas: 9, minReplicas: 1, maxReplicas: 5, numOfHosts: 2, template: ${template} }] }`,
      11,
    ],
    [
      "ray.io/v1",
      "RayCluster",
      `{ headGroupSpec: { template: ${template} }, workerGroupSpecs: [{ minReplicas: 3, template: ${template} }] }`,
      4,
    ],
    ["ray.io/v1", "RayService", `{ rayClusterConfig: { headGroupSpec: { template: ${template} } } }`, 1],
    [
      "kubeflow.org/v1",
      "PyTorchJob",
      `{ pytorchReplicaSpecs: { Master: { template: ${template} }, Worker: { replicas: 3, template: ${template} } } }`,
      4,
    ],
    ["batch.volcano.sh/v1alpha1", "Job", `{ tasks: [{ replicas: 2, template: ${template} }, { template: ${template} }] }`, 3],
    ["argoproj.io/v1alpha1", "Rollout", `{ replicas: 2, template: ${template} }`, 2],
  ])("%s %s %s", (apiVersion, kind, spec, count) => {
    const stack = objectsIn(STACK, { type: "stack", urn: "" });
    const own = objectsIn(`{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: x }, spec: ${spec} }`, {
      type: "manifest",
      file: "m.yaml",
      line: 1,
    });
    const { pods, outcomes } = judgeAndSimulate([], [], [...stack, ...own], defaultRelease());
    expect(pods.reduce((sum, outcome) => sum + (outcome.type === "pending" ? outcome.count : 1), 0)).toBe(count);
    expect(outcomes.map(({ outcome }) => outcome.type)).toEqual(["modelled"]);
  });

  test("a template that no pod could be made from is refused with its path", () => {
    const { problems } = judge(
      "{ apiVersion: ray.io/v1, kind: RayCluster, metadata: { name: x }, spec: { headGroupSpec: { template: { spec: { containers: [{ name: a }] } } }, workerGroupSpecs: [{ replicas: -1 }] } }",
    );
    expect(problems).toContainEqual(expect.stringContaining("spec.workerGroupSpecs[0].replicas: -1: must be an integer from 0"));
  });

  test.each([
    ["serving.kserve.io/v1alpha1", "ServingRuntime", "withoutEffect"],
    ["serving.knative.dev/v1", "Revision", "notModelled"],
    ["argoproj.io/v1alpha1", "AnalysisRun", "notModelled"],
    ["kueue.x-k8s.io/v1beta1", "LocalQueue", "notModelled"],
    ["monitoring.coreos.com/v1", "ServiceMonitor", "withoutEffect"],
  ])("%s %s is %s", (apiVersion, kind, outcome) => {
    expect(judge(`{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: x }, spec: {} }`).outcomes).toEqual([outcome]);
  });
});

test("a resource that is called like a method of every object is one that no node has", () => {
  const stack = objectsIn(STACK, { type: "stack", urn: "" });
  const yaml =
    "{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ name: a, image: b, resources: { limits: { example.com/constructor: 1, constructor: 1 } } }] } }";
  const own = objectsIn(yaml, { type: "manifest", file: "m.yaml", line: 1 });
  const { problems } = judgeAndSimulate([], [], [...stack, ...own], defaultRelease());
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining("spec.containers[0].resources.limits[constructor]: must be one of"),
  ]);
});
