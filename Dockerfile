# The rehearsal kit in a container: all parts from one image, chosen by the command.
#   docker build -t opencrvs-nid-rehearsal .
#   docker run --rm opencrvs-nid-rehearsal rehearse run
# The servers together: compose.yaml.
FROM python:3.11-slim

WORKDIR /kit
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY wire wire
COPY testbed testbed
COPY mock_opencrvs mock_opencrvs
COPY mock_nid mock_nid
COPY bridge bridge
COPY scenarios scenarios
COPY rehearsal_pytest rehearsal_pytest
RUN python -m pip install --no-cache-dir --no-deps .

# keys, databases and reports are written below /data; nothing runs as root. A new named volume takes its owner from
# the folder of the image that it is mounted on, so the folders must be there
RUN useradd --create-home rehearsal && mkdir -p /data/keys /data/bridge && chown -R rehearsal /data
USER rehearsal
WORKDIR /data
VOLUME /data

CMD ["rehearse", "run"]
