/**
 * What a kubelet asks of a DRA plugin, over the sockets that the plugin opens on its node.
 * Source: kubernetes v1.34.4 `staging/src/k8s.io/kubelet/pkg/apis/{pluginregistration/v1,dra/v1,dra/v1beta1}/api.proto`, of which this has the fields that it needs.
 */
import { Client, credentials } from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";

/** Newest first, as a kubelet prefers them. */
const SERVICES = ["v1", "v1beta1"] as const;
export type DraService = (typeof SERVICES)[number];

export interface ClaimReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What a plugin answers for one claim. */
export type Answer =
  | { readonly type: "prepared"; readonly devices: readonly PreparedDevice[] }
  /** `reason` is the plugin's own. */
  | { readonly type: "refused"; readonly reason: string };

export interface PreparedDevice {
  readonly device: string;
  /** Qualified names of CDI devices: what the container runtime is to look up. */
  readonly cdiDevices: readonly string[];
}

export class KubeletClient {
  readonly #plugin: Client;

  private constructor(
    readonly service: DraService,
    socket: string,
  ) {
    this.#plugin = connect(socket);
  }

  /**
   * Registers a plugin, as a kubelet does with each socket that it finds.
   * @throws Error when nobody answers there, or none of the plugin's services is known.
   */
  static async register(registrar: string): Promise<KubeletClient> {
    const client = connect(registrar);
    try {
      const info = await call(client, "pluginregistration.Registration/GetInfo", new Uint8Array(), readInfo);
      const service = SERVICES.find((known) => info.versions.includes(`${known}.DRAPlugin`));
      if (service === undefined) {
        throw new Error(`the plugin offers ${info.versions.join(", ")}, and none of ${SERVICES.join(", ")}`);
      }
      const status = new BinaryWriter();
      status.writeBool(1, true);
      await call(client, "pluginregistration.Registration/NotifyRegistrationStatus", status.getResultBuffer(), () => undefined);
      return new KubeletClient(service, info.endpoint);
    } finally {
      client.close();
    }
  }

  async prepare(claim: ClaimReference): Promise<Answer> {
    const answers = await this.#call("NodePrepareResources", claim, readAnswer);
    return answers.get(claim.uid) ?? { type: "refused", reason: "the plugin's answer has no such claim" };
  }

  async unprepare(claim: ClaimReference): Promise<Answer> {
    const answers = await this.#call("NodeUnprepareResources", claim, readReversal);
    return answers.get(claim.uid) ?? { type: "refused", reason: "the plugin's answer has no such claim" };
  }

  close(): void {
    this.#plugin.close();
  }

  #call<T>(method: string, claim: ClaimReference, read: (reader: BinaryReader) => T): Promise<ReadonlyMap<string, T>> {
    return call(this.#plugin, `k8s.io.kubelet.pkg.apis.dra.${this.service}.DRAPlugin/${method}`, requestFor(claim), (bytes) =>
      readMap(bytes, read),
    );
  }
}

function connect(socket: string): Client {
  return new Client(`unix:${socket}`, credentials.createInsecure());
}

function call<T>(client: Client, path: string, request: Uint8Array, read: (bytes: Uint8Array) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      `/${path}`,
      (bytes: Uint8Array) => Buffer.from(bytes),
      read,
      request,
      (error, answer) => {
        if (error !== null) {
          reject(error);
        } else {
          resolve(answer as T);
        }
      },
    );
  });
}

/** A list of one claim. */
function requestFor({ namespace, name, uid }: ClaimReference): Uint8Array {
  const writer = new BinaryWriter();
  writer.writeMessage(1, {}, () => {
    writer.writeString(1, namespace);
    writer.writeString(2, uid);
    writer.writeString(3, name);
  });
  return writer.getResultBuffer();
}

function readInfo(bytes: Uint8Array): { readonly endpoint: string; readonly versions: readonly string[] } {
  const versions: string[] = [];
  let endpoint = "";
  eachField(new BinaryReader(bytes), {
    3: (reader) => (endpoint = reader.readString()),
    4: (reader) => versions.push(reader.readString()),
  });
  return { endpoint, versions };
}

/** A map from uids of claims, which is the first field of both answers. */
function readMap<T>(bytes: Uint8Array, read: (reader: BinaryReader) => T): ReadonlyMap<string, T> {
  const answers = new Map<string, T>();
  eachField(new BinaryReader(bytes), {
    1: (entries) => {
      let uid = "";
      nested(entries, (entry) => {
        eachField(entry, {
          1: (key) => (uid = key.readString()),
          2: (value) => nested(value, (message) => answers.set(uid, read(message))),
        });
      });
    },
  });
  return answers;
}

function readAnswer(answer: BinaryReader): Answer {
  const devices: PreparedDevice[] = [];
  let reason = "";
  eachField(answer, {
    1: (reader) => nested(reader, (message) => devices.push(readDevice(message))),
    2: (reader) => (reason = reader.readString()),
  });
  return reason === "" ? { type: "prepared", devices } : { type: "refused", reason };
}

function readReversal(answer: BinaryReader): Answer {
  let reason = "";
  eachField(answer, { 1: (reader) => (reason = reader.readString()) });
  return reason === "" ? { type: "prepared", devices: [] } : { type: "refused", reason };
}

function readDevice(message: BinaryReader): PreparedDevice {
  const cdiDevices: string[] = [];
  let device = "";
  eachField(message, {
    3: (reader) => (device = reader.readString()),
    4: (reader) => cdiDevices.push(reader.readString()),
  });
  return { device, cdiDevices };
}

function nested(reader: BinaryReader, read: (message: BinaryReader) => unknown): void {
  reader.readMessage({}, (_, message) => read(message));
}

/** Reads the fields that have a reader, and skips the others. */
function eachField(reader: BinaryReader, fields: Readonly<Record<number, (reader: BinaryReader) => unknown>>): void {
  while (reader.nextField() && !reader.isEndGroup()) {
    const read = fields[reader.getFieldNumber()];
    if (read === undefined) {
      reader.skipField();
    } else {
      read(reader);
    }
  }
}
