"""The rows of committed artifacts."""

from __future__ import annotations

from videoannotator.errors import ArtifactNotFoundError
from videoannotator.service.auth.access import Principal
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import ArtifactRow, JobRow


class ArtifactRepository:
    """Reads artifacts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, principal: Principal, artifact_id: str) -> ArtifactRow:
        """Return one artifact of a job that the principal may see.

        Raises:
            ArtifactNotFoundError: There is none with this id.
        """
        with self._database.read() as session:
            artifact = session.get(ArtifactRow, artifact_id)
            job = session.get(JobRow, artifact.job_id) if artifact else None
            if artifact is None or job is None or not principal.may_see(job.owner):
                raise ArtifactNotFoundError(f"There is no artifact {artifact_id}.", {"artifact_id": artifact_id})
            return artifact
