package io.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The order of the packages: each may use only what stands to its left; the root uses all. */
@AnalyzeClasses(packages = "io.millrace", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "io.millrace";
  private static final List<String> ORDER =
      List.of("limit", "google", "store", "engine", "pipeline", "console");

  @ArchTest
  static final ArchRule nothingUsesTheRoot =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT);

  @ArchTest
  static final ArchRule theSimulatorUsesNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".sim..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(packages(ORDER));

  @ArchTest
  static final ArchRule onlyTheRootUsesTheSimulator =
      noClasses()
          .that()
          .resideInAnyPackage(packages(ORDER))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".sim..");

  @ArchTest
  static final ArchRule thereAreNoCycles =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheTerminalWritesToTheOutputOfTheProcess =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Terminal.class.getName())
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  @ArchTest
  static void eachPackageUsesOnlyWhatStandsToItsLeft(JavaClasses classes) {
    for (int i = 0; i + 1 < ORDER.size(); i++) {
      noClasses()
          .that()
          .resideInAPackage(ROOT + "." + ORDER.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(packages(ORDER.subList(i + 1, ORDER.size())))
          .check(classes);
    }
  }

  @ArchTest
  static void thereIsNoOtherPackage(JavaClasses classes) {
    Set<String> expected = new TreeSet<>(Set.of(ROOT, ROOT + ".sim"));
    ORDER.forEach(name -> expected.add(ROOT + "." + name));
    assertEquals(expected, names(classes));
  }

  @ArchTest
  static void eachPackageIsExplained(JavaClasses classes) {
    List<String> unexplained =
        names(classes).stream().filter(name -> !classes.contain(name + ".package-info")).toList();
    assertEquals(List.of(), unexplained);
  }

  private static Set<String> names(JavaClasses classes) {
    return classes.stream()
        .map(c -> c.getPackageName())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String[] packages(List<String> names) {
    return names.stream().map(name -> ROOT + "." + name + "..").toArray(String[]::new);
  }
}
