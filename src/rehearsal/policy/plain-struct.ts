/** Property values for a policy pack. */
import { Struct, Value } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { WireMap } from "../monitor/wire";

/**
 * A Struct that stays plain data until somebody wants its fields, which is where it crosses a wire. Policies of the same process take the plain data,
 * of which Pulumi's SDK makes a copy. It is made when it is asked for and not kept: a stack has many resources.
 */
export class PlainStruct extends Struct {
  private isFilled = false;

  constructor(private readonly plain: () => WireMap) {
    super();
  }

  override toJavaScript(): Record<string, JavaScriptValue> {
    return this.plain() as Record<string, JavaScriptValue>;
  }

  override getFieldsMap(): ReturnType<Struct["getFieldsMap"]> {
    const fields = super.getFieldsMap();
    if (!this.isFilled) {
      this.isFilled = true;
      for (const [key, value] of Object.entries(this.toJavaScript())) {
        fields.set(key, Value.fromJavaScript(value));
      }
    }
    return fields;
  }
}
