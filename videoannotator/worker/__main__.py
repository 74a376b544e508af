"""``python -m videoannotator.worker FD CONFIG``: started by the server, never by hand."""

from __future__ import annotations

import logging
import os
import queue
import socket
import sys
import threading
import time

from videoannotator.errors import JobCancelledError, PipelineFailedError, VideoAnnotatorError
from videoannotator.models.telemetry import disable_telemetry
from videoannotator.outcome import ErrorRecord
from videoannotator.worker.channel import Channel
from videoannotator.worker.limits import die_with_group, die_with_parent, limit_resources, lower_priority
from videoannotator.worker.observer import ChannelObserver
from videoannotator.worker.protocol import (
    AttemptEnded,
    AttemptFailed,
    AttemptStopped,
    CancelAttempt,
    RunAttempt,
    WorkerConfig,
    WorkerHeartbeat,
)

logger = logging.getLogger("videoannotator.worker")


class Worker:
    """Runs one attempt after the other on the main thread, while two others listen and give signs of life."""

    def __init__(self, channel: Channel, config: WorkerConfig) -> None:
        self._channel = channel
        self._config = config
        self._attempts: queue.Queue[RunAttempt] = queue.Queue()
        self._cancelled = threading.Event()

    def serve(self) -> None:
        """Run attempts until one is cancelled or the server is gone."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        # Slow to import on a busy machine, so the signs of life come first.
        from videoannotator.worker.warm_engine import load_engine

        self._engine = load_engine(self._config)
        while not self._cancelled.is_set():
            self._run(self._attempts.get())

    def _run(self, attempt: RunAttempt) -> None:
        logger.info("Job %s attempt %s starts.", *attempt.key)
        try:
            outcome = self._engine.annotate(attempt.request, ChannelObserver(self._channel), self._cancelled)
        except JobCancelledError:
            self._channel.send(AttemptStopped())
        except VideoAnnotatorError as error:
            logger.warning("Job %s attempt %s failed: %s.", *attempt.key, error)
            self._channel.send(AttemptFailed(error=ErrorRecord.of(error)))
        except Exception as error:
            logger.exception("Job %s attempt %s failed unexpectedly.", *attempt.key)
            self._channel.send(AttemptFailed(error=ErrorRecord.of(_as_typed(error))))
        else:
            self._channel.send(AttemptEnded(outcome=outcome))

    def _listen(self) -> None:
        try:
            for message in self._channel.receive():
                if isinstance(message, CancelAttempt):
                    self._cancelled.set()
                else:
                    self._attempts.put(message)
        except Exception:
            logger.exception("The server said something that this worker does not understand.")
        finally:
            # Without its server nothing that this process does can be committed.
            die_with_group()

    def _beat(self) -> None:
        while True:
            time.sleep(self._config.heartbeat_interval)
            self._channel.send(WorkerHeartbeat())


def _as_typed(error: Exception) -> PipelineFailedError:
    """Return what the owner of a job reads about an error that no code expected."""
    from videoannotator.models.sessions import MORE_MEMORY, is_out_of_memory

    if is_out_of_memory(error):
        return PipelineFailedError("The attempt ran out of memory.", hint=MORE_MEMORY)
    return PipelineFailedError("The attempt failed unexpectedly; the worker log has the traceback.")


def main() -> None:
    """Start the worker that the arguments describe."""
    disable_telemetry()
    die_with_parent()
    lower_priority()
    connection = socket.socket(fileno=int(sys.argv[1]))
    config = WorkerConfig.model_validate_json(sys.argv[2])
    limit_resources(config.memory_limit)
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s %(levelname)s [{os.getpid()}] %(name)s: %(message)s")
    Worker(Channel(connection), config).serve()


if __name__ == "__main__":
    main()
