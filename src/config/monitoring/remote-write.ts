import { nearestValues } from "../reading/nearest";
import type { Report } from "../reading/problem";
import { REGIONS } from "../regions";
import { resolveSecret } from "../secret-values";
import type { RawConfig, ShapedConfig } from "../schema";
import type { Network, RemoteWrite } from "../types";

type RawRemoteWrite = NonNullable<ShapedConfig["monitoring"]> & { readonly type: "remoteWrite" };

const URL_KEY = "monitoring.url";

/** The interface endpoint by which a VPC without a way to the Internet reaches Amazon Managed Prometheus. */
const AMP_ENDPOINT = "aps-workspaces";

/** What Amazon Managed Prometheus takes samples at. Source: its user guide, "Ingest metrics" and the endpoints of its service (read 2026-11-28). */
const AMP_HOST = /^aps-workspaces(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;
const AMP_PATH = /^\/workspaces\/(ws-[0-9a-f-]{36})\/api\/v1\/remote_write$/;

/** A user or a password before the host, or a query parameter of such a name, in whatever somebody took for an address. */
const CREDENTIALS =
  /(?:^(?:[a-z][a-z0-9+.-]*:\/*)?|\/\/)[^/?#]*(?:@|%40)|[?&#][^=&#]*(?:key|token|secret|password|passwd|auth|signature|credential)[^=&#]*=/i;

/** Where metrics go, and how their sender proves who it is. Undefined: it has been reported why not. */
export function resolveRemoteWrite(
  { url: text, auth }: RawRemoteWrite,
  raw: RawConfig,
  network: Network | undefined,
  report: Report,
): RemoteWrite | undefined {
  const url = resolveUrl(text, report);
  const workspace = url && resolveWorkspace(url, auth.type === "sigv4", network, report);
  switch (auth.type) {
    case "sigv4":
      return workspace && { url: text, auth: { type: "sigv4", ...workspace } };
    case "basic": {
      const password = resolveSecret(raw, "monitoring.auth.password", auth.password.secret, "text", report);
      return url && password && { url: text, auth: { type: "basic", username: auth.username, password } };
    }
    case "bearer": {
      const token = resolveSecret(raw, "monitoring.auth.token", auth.token.secret, "text", report);
      return url && token && { url: text, auth: { type: "bearer", token } };
    }
  }
}

/** The address, which stands readable in the cluster and in Pulumi's state. */
function resolveUrl(text: string, report: Report): URL | undefined {
  // Only characters of RFC 3986: the chart runs the address through Helm's templates.
  const url = /^[\w\-.~:/?#@!$&'()*+,;=%[\]]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (CREDENTIALS.test(text)) {
    // Without the value, which would put the credentials into the log of the run.
    report({
      key: URL_KEY,
      reason:
        'it contains credentials, and it is stored in plain text. Remove them, and use auth: { type: "basic", username, password } or { type: "bearer", token }',
    });
  } else if (url === undefined || !/^https?:$/.test(url.protocol)) {
    // What is no address at all may be the token itself.
    const shown = /^[a-z]+:\/\//i.test(text) ? { value: text } : {};
    report({ key: URL_KEY, ...shown, reason: "not an address such as https://prometheus.example.com/api/v1/write" });
  } else if (url.protocol === "http:") {
    report({
      key: URL_KEY,
      value: text,
      reason: "metrics and credentials would be sent unencrypted",
      nearest: [text.replace(/^http:/i, "https:")],
    });
  } else if (url.hash !== "") {
    report({ key: URL_KEY, value: text, reason: "an address to send to has no fragment", nearest: [text.replace(/#.*/, "")] });
  } else {
    return url;
  }
  return undefined;
}

/** The workspace of Amazon Managed Prometheus that an address is of. It takes nothing but signed requests, and Prometheus signs for no other service. */
function resolveWorkspace(
  url: URL,
  isSigned: boolean,
  network: Network | undefined,
  report: Report,
): { readonly region: string; readonly workspaceId: string } | undefined {
  const region = AMP_HOST.exec(url.hostname)?.[1];
  if (region === undefined) {
    if (isSigned) {
      report({
        key: URL_KEY,
        value: url.href,
        reason:
          "signatures are for Amazon Managed Prometheus (https://aps-workspaces.REGION.amazonaws.com/workspaces/ws-.../api/v1/remote_write). For another system use auth.type basic or bearer",
      });
    }
    return undefined;
  }
  if (!isSigned) {
    report({ key: "monitoring.auth.type", reason: "Amazon Managed Prometheus takes signed requests only", nearest: ["sigv4"] });
    return undefined;
  }
  if (!REGIONS.includes(region)) {
    const nearest = nearestValues(region, REGIONS).map((candidate) => url.href.replace(region, candidate));
    report({ key: URL_KEY, value: url.href, reason: "no AWS region has the name in it", nearest });
    return undefined;
  }
  const workspaceId = AMP_PATH.exec(url.pathname)?.[1];
  if (workspaceId === undefined || url.search !== "" || url.port !== "") {
    const id = /ws-[0-9a-f-]{36}/.exec(url.pathname)?.[0];
    report({
      key: URL_KEY,
      value: url.href,
      reason: "its path is not that of a workspace for remote write, /workspaces/ws-.../api/v1/remote_write, without a port and parameters",
      nearest: id === undefined ? [] : [`https://${url.hostname}/workspaces/${id}/api/v1/remote_write`],
    });
    return undefined;
  }
  if (network?.natGateways === "none" && !network.interfaceEndpoints.includes(AMP_ENDPOINT)) {
    report({
      key: "interfaceEndpoints",
      value: network.interfaceEndpoints,
      reason: `with natGateways "none", Prometheus cannot reach Amazon Managed Prometheus without ${AMP_ENDPOINT}`,
    });
    return undefined;
  }
  return { region, workspaceId };
}
