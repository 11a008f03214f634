import type { Release } from './versions.ts';

/** Writes the Maven project that unpacks a release under `folder`, as `elasticsearch-VERSION`, with its extra modules laid out in it. */
export function pomFor(release: Release, folder: string): string {
  const home = `${folder}/elasticsearch-${release.version}`;
  const distribution = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${release.version}:zip`;
  const steps = [
    execution('distribution', 'generate-resources', 'unpack', folder, [distribution]),
    ...release.modules.map(({ name, jars }) => execution(name, 'process-resources', 'copy', `${home}/modules/${name}`, jars)),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tocsin.harness</groupId>
  <artifactId>elasticsearch</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-dependency-plugin</artifactId>
        <version>3.6.1</version>
        <executions>${steps.join('')}
        </executions>
      </plugin>
    </plugins>
  </build>
</project>
`;
}

function execution(id: string, phase: string, goal: string, output: string, coordinates: readonly string[]): string {
  return `
          <execution>
            <id>${id}</id>
            <phase>${phase}</phase>
            <goals><goal>${goal}</goal></goals>
            <configuration>
              <outputDirectory>${escapeXml(output)}</outputDirectory>
              <artifactItems>${coordinates.map(artifactItem).join('')}</artifactItems>
            </configuration>
          </execution>`;
}

function artifactItem(coordinates: string): string {
  const [group, artifact, version, type = 'jar'] = coordinates.split(':');
  return `
                <artifactItem>
                  <groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><type>${type}</type>
                </artifactItem>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
