// Samples of a prior that learned the answers of a release: covered until somebody states a purpose.
import { RevealedPicture, Reveals } from "@/features/audits/identity/Reveals";

const SHOWN = "These samples come from a prior that learned the answers of a release, or may have. They may resemble a person whom the release knows.";

interface Props {
  address: string;
  label: string;
  className: string;
}

export function CoveredSheet({ address, label, className }: Props) {
  return (
    <Reveals deleted={false} deletedAt={null} keptWith="prior" images={16} description={SHOWN}>
      <RevealedPicture address={address} label={label} missing="No samples kept" className={className} />
    </Reveals>
  );
}
