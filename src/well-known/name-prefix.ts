/** The beginnings of names that AWS shows, which the program makes and a relayout reads. */

/**
 * How long the prefix of a made-up name may be: the longest name that AWS takes, less the 26 digits that the provider adds.
 * Source: hashicorp/terraform-provider-aws v6, internal/service/{iam,ec2,eks}.
 */
const MAX_PREFIX = { role: 38, launchTemplate: 99, nodeGroup: 37 } as const;

/**
 * The beginning of a made-up name: `shared-gpu-dev-a100-`. Where both names together are too long each keeps half of the room, and more where the other
 * needs less. Pure.
 *
 * Let changes of the prefix be ignored: another name means another resource, and one that exists keeps the name that it has, with another prefix or with none,
 * as release 0.1 made them.
 */
export function namePrefix(clusterName: string, name: string, kind: keyof typeof MAX_PREFIX): string {
  const room = MAX_PREFIX[kind] - "--".length;
  const cluster = withoutHyphens(clusterName.slice(0, Math.max(Math.floor(room / 2), room - name.length)));
  return `${cluster}-${withoutHyphens(name.slice(0, room - cluster.length))}-`;
}

function withoutHyphens(text: string): string {
  return text.replace(/-+$/, "");
}
