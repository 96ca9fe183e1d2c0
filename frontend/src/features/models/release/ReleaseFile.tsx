// The file of a release: where it comes from, its digests, and who signed it.
import type { Release, ReleaseInFull } from "@/api/model";
import { Who } from "@/features/log/Who";
import { bytes } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { Fact, Facts } from "@/ui/Facts";
import { When } from "@/ui/When";

export function ReleaseFile({ release }: { release: ReleaseInFull }) {
  const { origin, sha256, signature, examination } = release;
  const converted = examination && examination.checkpoint_sha256 !== sha256;
  return (
    <>
      <Facts>
        <Fact name="SHA-256 of the uploaded file">{sha256 ? <Digest digest={sha256} /> : "–"}</Fact>
        <Fact name="Size">{bytes(release.size_bytes)}</Fact>
        {converted && (
          <Fact name="SHA-256 of the checked copy">
            <Digest digest={examination.checkpoint_sha256} />
          </Fact>
        )}
        <Fact name="Origin">
          {origin ? (
            <>
              {origin.address === null ? "Sent" : <>Fetched from <span className="break-all">{origin.address}</span></>} by <Who actor={origin.by} />, <When at={origin.at} absolute />
            </>
          ) : (
            "not recorded"
          )}
        </Fact>
        <Fact name="Signature">{signature ? <When at={signature.verified_at} absolute /> : "none"}</Fact>
        <Fact name="Added">
          <When at={release.created_at} absolute />
        </Fact>
      </Facts>
      <div className="text-ink-2 mt-3 space-y-1 text-sm">
        <OriginalFile release={release} />
        <Signer release={release} />
      </div>
    </>
  );
}

/** Says what happened to the uploaded file. */
export function OriginalFile({ release: { original, original_until: until } }: { release: Release }) {
  if (original === null) return null;
  if (original === "identical") return <p>The audited file is identical to the uploaded one.</p>;
  if (original === "not_sent") return <p>No file was uploaded, because the project has a checked copy.</p>;
  if (original === "kept" && until !== null) {
    return (
      <p>
        Original file: kept in quarantine, where nothing opens it, and deleted <When at={until} />. Audits use its checked copy.
      </p>
    );
  }
  return <p>Original file: deleted {until === null ? "after its conversion" : <When at={until} />}. Audits use its checked copy. Its SHA-256 is kept.</p>;
}

/** Says who signed the file. The name was stated with the signature. The key was verified. */
export function Signer({ release: { signature } }: { release: Release }) {
  if (signature === null) return null;
  return (
    <p>
      Signed by {signature.signer}, as stated by {signature.recorded_by}. Verified with the key <span className="break-all">{signature.key_id}</span>.
    </p>
  );
}
