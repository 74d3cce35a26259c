import type { Report } from "./reading/problem";

/**
 * Refuses a container image that is not pinned: without a tag or digest, or with `latest`, the same configuration would run other software tomorrow.
 * Grammar: distribution reference, `[registry[:port]/]path[:tag][@sha256:digest]`.
 */
export function checkImage(key: string, image: string, report: Report): void {
  const match = /^(?<path>[\w.-]+(?::\d+)?(?:\/[\w.-]+)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?<digest>@sha256:[0-9a-f]{64})?$/.exec(image);
  if (match?.groups === undefined) {
    report({ key, value: image, reason: "not a container image such as registry.example.com/team/image:1.2.3" });
    return;
  }
  const { tag, digest } = match.groups;
  if (digest === undefined && (tag === undefined || tag === "latest")) {
    report({ key, value: image, reason: "it is not pinned to a version. Add a tag other than latest, or a digest" });
  }
}
