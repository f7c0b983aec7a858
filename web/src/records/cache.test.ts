import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { RecordView } from "../api/types";
import { patchRows, showChange, takeRecord } from "./cache";

const rows = () => ({ pages: [{ items: [{ id: "1", name: "旧" }, { id: "2", name: "他" }], access: [{}], next: null }], pageParams: [null] });
const record = (values: RecordView["values"], etag = "e2"): RecordView => ({ id: "1", type: "account", title: "", values, access: {}, actions: {}, refusals: {}, etag });

describe("optimistic change", () => {
  it("shows at once in every list and comes back whole when refused", () => {
    const client = new QueryClient();
    client.setQueryData(["rows", "account", {}], rows());
    client.setQueryData(["record", "account", "1"], record({ name: "旧" }, "e1"));
    const restore = showChange(client, "account", "1", { name: "新" });
    expect(client.getQueryData<ReturnType<typeof rows>>(["rows", "account", {}])?.pages[0]?.items[0]?.name).toBe("新");
    expect(client.getQueryData<RecordView>(["record", "account", "1"])?.values.name).toBe("新");
    restore();
    expect(client.getQueryData(["rows", "account", {}])).toEqual(rows());
    expect(client.getQueryData<RecordView>(["record", "account", "1"])?.values.name).toBe("旧");
  });
  it("never makes an absent cell appear", () => {
    const data = patchRows(rows(), "1", { name: "新", amount: "5.00" });
    expect(data?.pages[0]?.items[0]).toEqual({ id: "1", name: "新" });
  });
  it("drops a record that went out of sight", () => {
    const client = new QueryClient();
    client.setQueryData(["record", "account", "1"], record({ name: "旧" }, "e1"));
    takeRecord(client, record({}, ""));
    expect(client.getQueryData(["record", "account", "1"])).toBeUndefined();
  });
});
