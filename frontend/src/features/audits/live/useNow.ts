// The present time, updated every `period` milliseconds. With null it stands still.
import { useEffect, useState } from "react";

export function useNow(period: number | null): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (period === null) return;
    const timer = setInterval(() => setNow(new Date()), period);
    return () => clearInterval(timer);
  }, [period]);
  return now;
}
