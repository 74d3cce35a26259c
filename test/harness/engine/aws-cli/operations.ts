/**
 * The operations of the AWS CLI that docs/operations.md, the doctor and a relayout use, with all options that are documented for them.
 * Source: AWS CLI 2 command reference, one page an operation, and "Command line options" (read 2026-11-28).
 */

/** What follows an option: one value, values up to the next option, or nothing (and `--no-` in front of its name says no). */
export type OptionKind = "value" | "values" | "flag";

interface Operation {
  readonly required: readonly string[];
  readonly options: Readonly<Record<string, OptionKind>>;
}

const INPUT = { "cli-input-json": "value", "cli-input-yaml": "value", "generate-cli-skeleton": "value" } as const;
const DRY_RUN = { "dry-run": "flag" } as const;
const PAGES = { "starting-token": "value", "max-items": "value", "page-size": "value" } as const;

/** Options of every operation. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionKind>> = {
  ...{ debug: "flag", "endpoint-url": "value", "verify-ssl": "flag", paginate: "flag", output: "value", query: "value", profile: "value" },
  ...{ region: "value", color: "value", "sign-request": "flag", "ca-bundle": "value", "cli-read-timeout": "value" },
  ...{ "cli-connect-timeout": "value", "cli-binary-format": "value", "cli-pager": "flag", "cli-auto-prompt": "flag" },
};

/** What `--output` takes. */
export const OUTPUTS = ["json", "text", "table", "yaml", "yaml-stream", "off"];

/** By service and operation. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "ec2 describe-instances": {
    required: [],
    options: { filters: "values", "instance-ids": "values", ...DRY_RUN, ...INPUT, ...PAGES },
  },
  "ec2 get-console-output": { required: ["instance-id"], options: { "instance-id": "value", latest: "flag", ...DRY_RUN, ...INPUT } },
  "ec2 terminate-instances": {
    required: ["instance-ids"],
    options: { "instance-ids": "values", force: "flag", "skip-os-shutdown": "flag", ...DRY_RUN, ...INPUT },
  },
  "ec2 reboot-instances": { required: ["instance-ids"], options: { "instance-ids": "values", ...DRY_RUN, ...INPUT } },
  "ec2 describe-subnets": {
    required: [],
    options: { filters: "values", "subnet-ids": "values", ...DRY_RUN, ...INPUT, ...PAGES },
  },
  "ec2 describe-network-interfaces": {
    required: [],
    options: { filters: "values", "network-interface-ids": "values", ...DRY_RUN, ...INPUT, ...PAGES },
  },
  "ec2 describe-capacity-reservations": {
    required: [],
    options: { filters: "values", "capacity-reservation-ids": "values", ...DRY_RUN, ...INPUT, ...PAGES },
  },
  "ec2 describe-capacity-block-extension-offerings": {
    required: ["capacity-block-extension-duration-hours", "capacity-reservation-id"],
    options: { "capacity-block-extension-duration-hours": "value", "capacity-reservation-id": "value", ...DRY_RUN, ...INPUT, ...PAGES },
  },
  "ec2 describe-instance-type-offerings": {
    required: [],
    options: { "location-type": "value", filters: "values", ...DRY_RUN, ...INPUT, ...PAGES },
  },
  "eks describe-nodegroup": {
    required: ["cluster-name", "nodegroup-name"],
    options: { "cluster-name": "value", "nodegroup-name": "value", ...INPUT },
  },
  "eks delete-nodegroup": {
    required: ["cluster-name", "nodegroup-name"],
    options: { "cluster-name": "value", "nodegroup-name": "value", ...INPUT },
  },
  "eks describe-cluster": { required: ["name"], options: { name: "value", ...INPUT } },
  "eks list-nodegroups": { required: ["cluster-name"], options: { "cluster-name": "value", ...INPUT, ...PAGES } },
  "eks delete-cluster": { required: ["name"], options: { name: "value", ...INPUT } },
  "eks delete-addon": {
    required: ["cluster-name", "addon-name"],
    options: { "cluster-name": "value", "addon-name": "value", preserve: "flag", ...INPUT },
  },
  "eks update-kubeconfig": {
    required: ["name"],
    options: {
      ...{ name: "value", kubeconfig: "value", "role-arn": "value", "proxy-url": "value", "dry-run": "flag", verbose: "flag" },
      ...{ alias: "value", "user-alias": "value", "assume-role-arn": "value" },
    },
  },
  "logs delete-log-group": { required: ["log-group-name"], options: { "log-group-name": "value", ...INPUT } },
  "service-quotas get-service-quota": {
    required: ["service-code", "quota-code"],
    options: { "service-code": "value", "quota-code": "value", "context-id": "value", ...INPUT },
  },
  "service-quotas get-aws-default-service-quota": {
    required: ["service-code", "quota-code"],
    options: { "service-code": "value", "quota-code": "value", ...INPUT },
  },
  "service-quotas request-service-quota-increase": {
    required: ["service-code", "quota-code", "desired-value"],
    options: {
      ...{ "service-code": "value", "quota-code": "value", "desired-value": "value", "context-id": "value" },
      ...{ "support-case-allowed": "flag", ...INPUT },
    },
  },
  "resourcegroupstaggingapi get-resources": {
    required: [],
    options: {
      ...{ "tag-filters": "values", "tags-per-page": "value", "resource-type-filters": "values", "include-compliance-details": "flag" },
      ...{ "exclude-compliant-resources": "flag", "resource-arn-list": "values", ...INPUT, ...PAGES },
    },
  },
};
