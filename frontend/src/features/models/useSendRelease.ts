// Sends a release: preflight, digest, the question about a known file, and the file.
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Release, Target } from "@/api/model";
import type { Problem } from "@/api/problem";
import { digestOf } from "@/api/upload";
import type { Description } from "@/features/models/description";
import type { Preflight } from "@/features/models/preflight";
import { modelKeys, reuse, useCreateRelease, usePreflight } from "@/features/models/queries";
import { versionOf } from "@/features/models/versions";
import type { Origin } from "@/features/uploads/AddressFields";
import { useImport } from "@/features/uploads/queries";
import { useUpload } from "@/ui/useUpload";

const rejection = (found: Preflight) => (found.verdict === "refused" ? found.problem : null);

export interface Sending {
  target: string;
  version: string;
  description: Description;
  confirmed: boolean;
}

export function useSendRelease(projectId: string, targets: readonly Target[], releases: readonly Release[], onDone: (id: string) => void) {
  const queries = useQueryClient();
  const create = useCreateRelease(projectId);
  const preflight = usePreflight();
  const fetched = useImport(projectId);
  const upload = useUpload();
  const made = useRef<{ announced: string; id: string } | null>(null);
  const hashed = useRef<{ file: File; sha256: string } | null>(null);
  const [rejected, setRejected] = useState<Problem | null>(null);
  const [same, setSame] = useState<readonly Release[]>([]);

  /** Create the release, unless an interrupted attempt has created it. */
  const releaseOf = async ({ target, version, description, confirmed }: Sending, file: { sha256: string; size_bytes: number } | null) => {
    const known = targets.find((one) => one.name === target);
    const release = { version, ...description, confirm_class_order: confirmed, ...file };
    const announced = JSON.stringify([target, release]);
    const id = made.current?.announced === announced ? made.current.id : (await create.mutateAsync({ target: known ? { id: known.id } : { name: target }, release })).id;
    made.current = { announced, id };
    return id;
  };

  const finish = async (id: string) => {
    await queries.invalidateQueries({ queryKey: modelKeys.releases(projectId) });
    onDone(id);
  };

  const look = (file: File | null, onFound: (found: Preflight) => void) => {
    setRejected(null);
    setSame([]);
    preflight.reset();
    if (!file?.size) return;
    const asked = { architecture: "auto", hyperparameters: {} }; // the description may not be written yet
    const found = (answer: Preflight) => {
      if (answer.problem?.code !== "architecture-not-detected") setRejected(rejection(answer));
      onFound(answer);
    };
    preflight.mutate({ file, asked }, { onSuccess: found });
  };

  /** Send a file. `again`: although the project has it already. */
  const send = (file: File, sending: Sending, again: boolean) =>
    upload.run(async (report, signal, sendBytes) => {
      setSame([]);
      const { architecture, hyperparameters, convention, classes } = sending.description;
      const asked = { architecture, hyperparameters, num_classes: classes.length, channels: convention.channels, classes, confirm_class_order: sending.confirmed };
      const problem = rejection(await preflight.mutateAsync({ file, asked }));
      setRejected(problem);
      if (problem) return;
      const sha256 = hashed.current?.file === file ? hashed.current.sha256 : await digestOf(file, report, signal);
      hashed.current = { file, sha256 };
      const holders = releases.filter((one) => one.sha256 === sha256 && (one.state === "ready" || one.state === "checking"));
      setSame(again ? [] : holders);
      if (holders.length > 0 && !again) return;
      const version = sending.version || versionOf(sha256, sending.target, releases);
      const id = await releaseOf({ ...sending, version }, { sha256, size_bytes: file.size });
      if (!(await reuse(id, sha256))) await sendBytes(`/api/v1/releases/${id}`, file, sha256);
      await finish(id);
    });

  const fetchFrom = (origin: Origin, sending: Sending) =>
    upload.run(async () => {
      const id = await releaseOf(sending, null);
      await fetched.mutateAsync({ kind: "release", id, address: origin.address.trim(), sha256: origin.sha256.trim() });
      await finish(id);
    });

  return { look, send, fetchFrom, upload, found: preflight.data, rejected, same, forget: () => setSame([]) };
}
