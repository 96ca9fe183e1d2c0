// The table of workers: device, use, and why one takes no jobs.
import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { type Worker, WorkerTable } from "@/features/system/WorkerTable";

const worker = (name: string, more: Partial<Worker>): Worker => ({
  name,
  started_at: "2026-01-01T00:00:00Z",
  seen_at: "2026-01-01T00:00:00Z",
  alive: true,
  hardware: {},
  device: null,
  use: null,
  problem: null,
  takes: ["audits"],
  running: [],
  ...more,
});

const device = { kind: "cuda", name: "NVIDIA H100", memory_bytes: 80 * 2 ** 30, driver: "570.1", torch: "2.13.0", bf16: true, processor: "", uuid: "GPU-a" } as Worker["device"];

describe("the table of workers", () => {
  it("shows the device, what it is doing and the jobs that run on it", () => {
    const use = { utilisation: 0.5, temperature: 61.2, memory_used_bytes: null, memory_bytes: null };
    render(<WorkerTable workers={[worker("w1", { device, use, running: [{ audit_id: null, stage: "attack", shard: 1, shards: 3 }] })]} />);
    expect(screen.getByText(/NVIDIA H100, .*driver 570.1, PyTorch 2.13.0/)).toBeVisible();
    expect(screen.getByText(/busy, 61 °C/)).toBeVisible();
    expect(screen.getByText(/2 of 3$/)).toBeVisible();
  });

  it("says why a worker takes no jobs, and nothing of a worker of an older version", () => {
    render(<WorkerTable workers={[worker("w1", { device, problem: "The GPU no longer answers." }), worker("w2", { alive: false })]} />);
    expect(screen.getByText("Takes no jobs")).toBeVisible();
    expect(screen.getByText("The GPU no longer answers.")).toBeVisible();
  });

  it("folds away the workers that ended without signing off", () => {
    render(<WorkerTable workers={[worker("w1", {}), worker("w2", { alive: false, takes: ["audits", "checks"] })]} />);
    const gone = screen.getByText("Gone in the last hour: 1").closest("details");
    expect(gone).not.toHaveAttribute("open");
    expect(gone).toHaveTextContent("w2");
    expect(gone).not.toHaveTextContent("w1");
    expect(screen.getByText("audits")).toBeVisible();
    expect(screen.getByText("audits and checks")).not.toBeVisible();
  });
});
